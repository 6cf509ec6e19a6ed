#pragma once

#include "auscult/v1/ingest_service.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/admission.h"
#include "server/scoring_pipeline.h"

namespace auscult::server {

// IngestWaveform: a rejection is the status of the call. The caller's deadline and cancelling are
// honoured until the work on the record begins. Like the other function, takes from `budget` what
// the request holds, and answers when the pipeline has.
grpc::ServerUnaryReactor* IngestOneWaveform(ScoringPipeline* pipeline, ByteBudget* budget,
                                            const v1::IngestWaveformRequest& request,
                                            v1::IngestWaveformResponse* response);

// IngestFeatures: a result for each record, in their order.
grpc::ServerUnaryReactor* IngestFeatureRecords(ScoringPipeline* pipeline, ByteBudget* budget,
                                               const v1::IngestFeaturesRequest& request,
                                               v1::IngestFeaturesResponse* response);

}  // namespace auscult::server
