#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/asset_service.pb.h"
#include "cli/commands.h"

namespace auscult::cli {

// All pages of a list, in the order of the server. `parent` is as in the requests of AssetService.
absl::StatusOr<v1::ListAssetsResponse> ListAllAssets(const std::shared_ptr<grpc::Channel>& channel,
                                                     const ServerOptions& server,
                                                     const std::string& parent,
                                                     const std::string& order_by);
absl::StatusOr<v1::ListPointsResponse> ListAllPoints(const std::shared_ptr<grpc::Channel>& channel,
                                                     const ServerOptions& server,
                                                     const std::string& parent);
absl::StatusOr<v1::ListBearingsResponse> ListAllBearings(
    const std::shared_ptr<grpc::Channel>& channel, const ServerOptions& server,
    const std::string& parent);

}  // namespace auscult::cli
