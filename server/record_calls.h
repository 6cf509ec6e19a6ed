#pragma once

#include <memory>

#include "auscult/v1/ingest_service.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/scoring_pipeline.h"
#include "server/tenants.h"

namespace auscult::server {

// IngestWaveform: a rejection is the status of the call. The caller's deadline and cancelling are
// honoured until the work on the record begins. Like the other function, charges what the request
// takes to the site and to `key` (null: nobody), and answers when the pipeline has.
grpc::ServerUnaryReactor* IngestOneWaveform(ScoringPipeline* pipeline, Tenants* tenants,
                                            const std::shared_ptr<Tenant>& key,
                                            const v1::IngestWaveformRequest& request,
                                            v1::IngestWaveformResponse* response);

// IngestFeatures: a result for each record, in their order.
grpc::ServerUnaryReactor* IngestFeatureRecords(ScoringPipeline* pipeline, Tenants* tenants,
                                               const std::shared_ptr<Tenant>& key,
                                               const v1::IngestFeaturesRequest& request,
                                               v1::IngestFeaturesResponse* response);

}  // namespace auscult::server
