#include "cli/yaml_survey.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace auscult::cli {
namespace {

constexpr int kMostParts = 4'000'000;

class Counter : public YAML::EventHandler {
 public:
  std::optional<FilePosition> second_document;

  void OnDocumentStart(const YAML::Mark&) override { ++documents_; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { Count(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    Count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Count(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Count(mark);
  }
  void OnMapEnd() override {}

 private:
  void Count(const YAML::Mark& mark) {
    if (++parts_ > kMostParts) throw YAML::ParserException(mark, "the file describes too much");
    if (documents_ > 1 && !second_document) second_document = {mark.line + 1, mark.column + 1};
  }

  int documents_ = 0, parts_ = 0;
};

}  // namespace

YamlSurvey SurveyYaml(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Counter counter;
  for (int document = 0; document < 2 && parser.HandleNextDocument(counter); ++document) {
  }
  return {counter.second_document};
}

}  // namespace auscult::cli
