#include "server/asset_service.h"

#include "server/asset_calls.h"
#include "server/asset_list.h"
#include "server/bearing_calls.h"
#include "server/plant_import.h"
#include "server/point_calls.h"
#include "server/site_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 3;
constexpr size_t kWaitingCalls = 256;

}  // namespace

AssetService::AssetService(const Gate* gate, db::Pool* database, PlantDirectory* directory)
    : gate_(gate), database_(database), directory_(directory), pool_(kThreads, kWaitingCalls) {}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* AssetService::Read(Context* context, const Request* request,
                                             Response* response,
                                             Handler<Request, Response> handler) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response, handler](CallScope& scope) {
                     return handler(scope, *request, *response);
                   });
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* AssetService::Write(Context* context, const Request* request,
                                              Response* response,
                                              Handler<Request, Response> handler) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response, handler](CallScope& scope) {
                     absl::Status status = handler(scope, *request, *response);
                     // Also after a failure: a commit may have succeeded without our hearing of it.
                     directory_->Invalidate();
                     return status;
                   });
}

AssetService::Reactor* AssetService::GetSite(Context* context, const v1::GetSiteRequest* request,
                                             v1::Site* response) {
  return Read(context, request, response, &server::GetSite);
}
AssetService::Reactor* AssetService::ListSites(Context* context,
                                               const v1::ListSitesRequest* request,
                                               v1::ListSitesResponse* response) {
  return Read(context, request, response, &server::ListSites);
}
AssetService::Reactor* AssetService::CreateSite(Context* context,
                                                const v1::CreateSiteRequest* request,
                                                v1::Site* response) {
  return Write(context, request, response, &server::CreateSite);
}
AssetService::Reactor* AssetService::UpdateSite(Context* context,
                                                const v1::UpdateSiteRequest* request,
                                                v1::Site* response) {
  return Write(context, request, response, &server::UpdateSite);
}
AssetService::Reactor* AssetService::DeleteSite(Context* context,
                                                const v1::DeleteSiteRequest* request,
                                                Empty* response) {
  return Write(context, request, response, &server::DeleteSite);
}
AssetService::Reactor* AssetService::GetAsset(Context* context, const v1::GetAssetRequest* request,
                                              v1::Asset* response) {
  return Read(context, request, response, &server::GetAsset);
}
AssetService::Reactor* AssetService::ListAssets(Context* context,
                                                const v1::ListAssetsRequest* request,
                                                v1::ListAssetsResponse* response) {
  return Read(context, request, response, &server::ListAssets);
}
AssetService::Reactor* AssetService::CreateAsset(Context* context,
                                                 const v1::CreateAssetRequest* request,
                                                 v1::Asset* response) {
  return Write(context, request, response, &server::CreateAsset);
}
AssetService::Reactor* AssetService::UpdateAsset(Context* context,
                                                 const v1::UpdateAssetRequest* request,
                                                 v1::Asset* response) {
  return Write(context, request, response, &server::UpdateAsset);
}
AssetService::Reactor* AssetService::DeleteAsset(Context* context,
                                                 const v1::DeleteAssetRequest* request,
                                                 Empty* response) {
  return Write(context, request, response, &server::DeleteAsset);
}
AssetService::Reactor* AssetService::GetPoint(Context* context, const v1::GetPointRequest* request,
                                              v1::Point* response) {
  return Read(context, request, response, &server::GetPoint);
}
AssetService::Reactor* AssetService::ListPoints(Context* context,
                                                const v1::ListPointsRequest* request,
                                                v1::ListPointsResponse* response) {
  return Read(context, request, response, &server::ListPoints);
}
AssetService::Reactor* AssetService::CreatePoint(Context* context,
                                                 const v1::CreatePointRequest* request,
                                                 v1::Point* response) {
  return Write(context, request, response, &server::CreatePoint);
}
AssetService::Reactor* AssetService::UpdatePoint(Context* context,
                                                 const v1::UpdatePointRequest* request,
                                                 v1::Point* response) {
  return Write(context, request, response, &server::UpdatePoint);
}
AssetService::Reactor* AssetService::DeletePoint(Context* context,
                                                 const v1::DeletePointRequest* request,
                                                 Empty* response) {
  return Write(context, request, response, &server::DeletePoint);
}
AssetService::Reactor* AssetService::ImportPlant(Context* context,
                                                 const v1::ImportPlantRequest* request,
                                                 v1::ImportPlantResponse* response) {
  return Write(context, request, response, &server::ImportPlant);
}
AssetService::Reactor* AssetService::ListBearings(Context* context,
                                                  const v1::ListBearingsRequest* request,
                                                  v1::ListBearingsResponse* response) {
  return Read(context, request, response, &server::ListBearings);
}
AssetService::Reactor* AssetService::CreateBearing(Context* context,
                                                   const v1::CreateBearingRequest* request,
                                                   v1::Bearing* response) {
  return Write(context, request, response, &server::CreateBearing);
}
AssetService::Reactor* AssetService::DeleteBearing(Context* context,
                                                   const v1::DeleteBearingRequest* request,
                                                   Empty* response) {
  return Write(context, request, response, &server::DeleteBearing);
}

}  // namespace auscult::server
