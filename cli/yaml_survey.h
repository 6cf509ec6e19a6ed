#pragma once

#include <optional>
#include <string>

#include "cli/yaml_message.h"

namespace auscult::cli {

// What a YAML text is made of, found without building it: yaml-cpp makes nodes without end of some
// broken texts.
struct YamlSurvey {
  std::optional<FilePosition> second_document;
};

// Throws YAML::Exception where the text cannot be read or holds more than four million parts.
YamlSurvey SurveyYaml(const std::string& text);

}  // namespace auscult::cli
