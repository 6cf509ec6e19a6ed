#pragma once

#include "auscult/v1/health_service.pb.h"
#include "models/diagnosis.h"
#include "server/plant_directory.h"

namespace auscult::server {

// A diagnosis of one record of the point as the API shows it, without advice.
v1::Diagnosis MessageOf(const models::Diagnosis& diagnosis, const DirectoryEntry& point);

// Every feature of a record with its unit, in the order of the set; what the record does not give
// has no value.
void AddFeatures(const features::FeatureVector& record, const DirectoryEntry& point,
                 google::protobuf::RepeatedPtrField<v1::FeatureValue>& features);

// "kurtosis", on a point with several channels "H/kurtosis".
std::string FeatureName(const DirectoryEntry& point, int channel, std::string_view feature);
// The same for a position in FeatureVector::values of the set.
std::string FeatureName(const DirectoryEntry& point, const features::FeatureSet& set,
                        int value_index);

}  // namespace auscult::server
