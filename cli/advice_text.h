#pragma once

#include "auscult/v1/health_service.pb.h"
#include "cli/labelled_lines.h"

namespace auscult::cli {

// Evidence line by line, what speaks against a verdict marked as such.
void ShowEvidence(const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence,
                  LabelledLines& lines);

// What the knowledge base says of a fault.
void ShowAdvice(const v1::Advice& advice, LabelledLines& lines);

}  // namespace auscult::cli
