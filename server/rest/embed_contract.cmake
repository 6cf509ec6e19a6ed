# Writes OUTPUT: a source file with ServiceFiles(), which refers to a message of every file of SERVICES (so that the
# linker keeps it), and DescriptorSetWithComments(), the octets of SET.
set(includes "")
set(files "")
foreach(proto ${SERVICES})
  file(READ ${PROTO_DIR}/${proto} text)
  string(REGEX MATCH "\npackage ([a-z0-9_.]+);" found "${text}")
  string(REPLACE "." "::" package "${CMAKE_MATCH_1}")
  string(REGEX MATCH "\nmessage ([A-Za-z0-9]+)" found "${text}")
  set(message ${CMAKE_MATCH_1})
  string(REGEX REPLACE "\\.proto$" ".pb.h" header ${proto})
  string(APPEND includes "#include \"${header}\"\n")
  string(APPEND files "      ${package}::${message}::descriptor()->file(),\n")
endforeach()
file(READ ${SET} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" octets "${hex}")
file(WRITE ${OUTPUT} "${includes}#include \"server/rest/contract.h\"

namespace auscult::rest {
namespace {
constexpr char kSet[] = \"${octets}\";
}  // namespace

std::vector<const google::protobuf::FileDescriptor*> ServiceFiles() {
  return {
${files}  };
}

std::string_view DescriptorSetWithComments() {
  return {kSet, sizeof(kSet) - 1};
}

}  // namespace auscult::rest
")
