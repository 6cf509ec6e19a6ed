#pragma once

#include "auscult/v1/asset_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"

namespace auscult::server {

// Describes the plant. Calls run on a few threads of its own; every call that may have changed
// something empties the directory. `database` and `directory` must outlive it.
class AssetService final : public v1::AssetService::CallbackService {
 public:
  AssetService(const Gate* gate, db::Pool* database, PlantDirectory* directory);

  template <typename Request, typename Response>
  using Handler = absl::Status (*)(CallScope&, const Request&, Response&);
  using Empty = google::protobuf::Empty;
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetSite(Context*, const v1::GetSiteRequest*, v1::Site*) override;
  Reactor* ListSites(Context*, const v1::ListSitesRequest*, v1::ListSitesResponse*) override;
  Reactor* CreateSite(Context*, const v1::CreateSiteRequest*, v1::Site*) override;
  Reactor* UpdateSite(Context*, const v1::UpdateSiteRequest*, v1::Site*) override;
  Reactor* DeleteSite(Context*, const v1::DeleteSiteRequest*, Empty*) override;

  Reactor* GetAsset(Context*, const v1::GetAssetRequest*, v1::Asset*) override;
  Reactor* ListAssets(Context*, const v1::ListAssetsRequest*, v1::ListAssetsResponse*) override;
  Reactor* CreateAsset(Context*, const v1::CreateAssetRequest*, v1::Asset*) override;
  Reactor* UpdateAsset(Context*, const v1::UpdateAssetRequest*, v1::Asset*) override;
  Reactor* DeleteAsset(Context*, const v1::DeleteAssetRequest*, Empty*) override;

  Reactor* GetPoint(Context*, const v1::GetPointRequest*, v1::Point*) override;
  Reactor* ListPoints(Context*, const v1::ListPointsRequest*, v1::ListPointsResponse*) override;
  Reactor* CreatePoint(Context*, const v1::CreatePointRequest*, v1::Point*) override;
  Reactor* UpdatePoint(Context*, const v1::UpdatePointRequest*, v1::Point*) override;
  Reactor* DeletePoint(Context*, const v1::DeletePointRequest*, Empty*) override;

  Reactor* ImportPlant(Context*, const v1::ImportPlantRequest*, v1::ImportPlantResponse*) override;

  Reactor* ListBearings(Context*, const v1::ListBearingsRequest*,
                        v1::ListBearingsResponse*) override;
  Reactor* CreateBearing(Context*, const v1::CreateBearingRequest*, v1::Bearing*) override;
  Reactor* DeleteBearing(Context*, const v1::DeleteBearingRequest*, Empty*) override;

 private:
  template <typename Request, typename Response>
  Reactor* Read(Context* context, const Request* request, Response* response,
                Handler<Request, Response> handler);
  template <typename Request, typename Response>
  Reactor* Write(Context* context, const Request* request, Response* response,
                 Handler<Request, Response> handler);

  const Gate* const gate_;
  db::Pool* const database_;
  PlantDirectory* const directory_;
  CallPool pool_;
};

}  // namespace auscult::server
