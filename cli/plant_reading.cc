#include "cli/plant_reading.h"

#include "auscult/v1/asset_service.grpc.pb.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

constexpr int kPageSize = 1000;

// Asks for page after page; `call` makes one call, `append` takes what it brought.
template <typename Request, typename Response, typename Call>
absl::StatusOr<Response> ReadPages(Request request, const ServerOptions& server, Call call) {
  request.set_page_size(kPageSize);
  Response all;
  while (true) {
    grpc::ClientContext context;
    SetReadDeadline(context);
    Response page;
    const grpc::Status status = call(context, request, page);
    if (!status.ok()) return ErrorOf(status, server);
    all.MergeFrom(page);
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  all.clear_next_page_token();
  return all;
}

}  // namespace

absl::StatusOr<v1::ListAssetsResponse> ListAllAssets(const std::shared_ptr<grpc::Channel>& channel,
                                                     const ServerOptions& server,
                                                     const std::string& parent,
                                                     const std::string& order_by) {
  const auto stub = v1::AssetService::NewStub(channel);
  v1::ListAssetsRequest request;
  request.set_parent(parent);
  request.set_order_by(order_by);
  return ReadPages<v1::ListAssetsRequest, v1::ListAssetsResponse>(
      request, server, [&](auto& context, const auto& page_request, auto& page) {
        return stub->ListAssets(&context, page_request, &page);
      });
}

absl::StatusOr<v1::ListPointsResponse> ListAllPoints(const std::shared_ptr<grpc::Channel>& channel,
                                                     const ServerOptions& server,
                                                     const std::string& parent) {
  const auto stub = v1::AssetService::NewStub(channel);
  v1::ListPointsRequest request;
  request.set_parent(parent);
  return ReadPages<v1::ListPointsRequest, v1::ListPointsResponse>(
      request, server, [&](auto& context, const auto& page_request, auto& page) {
        return stub->ListPoints(&context, page_request, &page);
      });
}

absl::StatusOr<v1::ListBearingsResponse> ListAllBearings(
    const std::shared_ptr<grpc::Channel>& channel, const ServerOptions& server,
    const std::string& parent) {
  const auto stub = v1::AssetService::NewStub(channel);
  v1::ListBearingsRequest request;
  request.set_parent(parent);
  return ReadPages<v1::ListBearingsRequest, v1::ListBearingsResponse>(
      request, server, [&](auto& context, const auto& page_request, auto& page) {
        return stub->ListBearings(&context, page_request, &page);
      });
}

}  // namespace auscult::cli
