#pragma once

#include "google/longrunning/operations.grpc.pb.h"
#include "server/call_pool.h"
#include "server/operation_waits.h"

namespace auscult::server {

// google.longrunning.Operations: what becomes of long work. `database` outlives it.
class OperationsService final : public google::longrunning::Operations::CallbackService {
 public:
  OperationsService(const Gate* gate, db::Pool* database);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* ListOperations(Context*, const google::longrunning::ListOperationsRequest*,
                          google::longrunning::ListOperationsResponse*) override;
  Reactor* GetOperation(Context*, const google::longrunning::GetOperationRequest*,
                        google::longrunning::Operation*) override;
  Reactor* DeleteOperation(Context*, const google::longrunning::DeleteOperationRequest*,
                           google::protobuf::Empty*) override;
  Reactor* CancelOperation(Context*, const google::longrunning::CancelOperationRequest*,
                           google::protobuf::Empty*) override;
  Reactor* WaitOperation(Context*, const google::longrunning::WaitOperationRequest*,
                         google::longrunning::Operation*) override;

  // Calls that wait are answered with the state of the moment; later ones are refused.
  void StopWaiting() { waits_.Stop(); }

 private:
  const Gate* const gate_;
  db::Pool* const database_;
  CallPool pool_;
  OperationWaits waits_;
};

}  // namespace auscult::server
