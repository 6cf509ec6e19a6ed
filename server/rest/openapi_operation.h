#pragma once

#include <string>

#include "server/rest/http_binding.h"
#include "server/rest/openapi_schema.h"

namespace auscult::rest {

// "/v1/sites/{site}/alarms/{alarm}:acknowledge": a parameter for each "*" and "**", named for the
// literal before it.
std::string OpenApiPath(const PathTemplate& path);

// The operation of one binding; `id` is unique within the document.
OpenApiJson OpenApiOperation(const HttpBinding& binding, const std::string& id,
                             OpenApiSchemas& schemas);

// What operations refer to: components.responses and components.parameters.
OpenApiJson SharedResponses();
OpenApiJson SharedParameters();
OpenApiJson SecuritySchemes();
// The schemas of errors, {"error": ...} and application/problem+json.
OpenApiJson ErrorSchema();
OpenApiJson ProblemSchema();

}  // namespace auscult::rest
