#pragma once

#include "auscult/v1/model_service.pb.h"
#include "db/active_classifier.h"
#include "server/operation_runner.h"
#include "server/plant_directory.h"

namespace auscult::server {

// INVALID_ARGUMENT or NOT_FOUND naming the field that is wrong.
absl::Status CheckTraining(db::Connection& connection, const v1::TrainModelRequest& request);

// Does TrainModel: gathers the stored records of the labelled periods, and of cases that were
// closed with a finding, trains on them and stores the model as a new version. What it points to
// outlives the handler.
OperationRunner::Handler TrainingHandler(PlantDirectory* directory,
                                         const db::ActiveClassifier* active);

}  // namespace auscult::server
