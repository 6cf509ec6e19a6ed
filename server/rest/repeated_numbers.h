#pragma once

#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"

namespace auscult::rest {

// The numbers of a repeated field of that C++ type. The library's newer way to them makes a virtual
// call for each number, and a spectrum has 65,536.
template <typename Number>
const google::protobuf::RepeatedField<Number>& NumbersOf(
    const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return message.GetReflection()->GetRepeatedField<Number>(message, &field);
#pragma GCC diagnostic pop
}

}  // namespace auscult::rest
