// See session_memory.hpp.
#include "server/session_memory.hpp"

#include "server/passwords.hpp"

namespace boxoffice::server {
namespace {

// Larger texts are given back before the next request is waited for. A reservation's texts are
// smaller, so that a busy buyer's connection makes its strings once; a page of events is larger,
// and whoever asks for it pays some allocations more for an idle connection that takes little.
constexpr std::size_t k_kept_bytes = 2 * 1024;

}  // namespace

void wipe_secrets(Call& call, boost::beast::flat_buffer& in, std::string& out) {
  for (auto* text : {&out, &call.reply.body, &call.request.body}) wipe(*text);
  if (call.inputs.account) wipe(call.inputs.account->password);
  const auto used = in.prepare(in.capacity() - in.size());  // in front moves what is unread
  wipe(used.data(), used.size());
}

void give_back_memory(Call& call, boost::beast::flat_buffer& in, std::string& out) {
  for (auto* text : {&out, &call.reply.body, &call.request.body, &call.request.authorization}) {
    if (text->capacity() > k_kept_bytes) std::string().swap(*text);
  }
  if (in.size() == 0 && in.capacity() > k_read_bytes) {
    in = boost::beast::flat_buffer(in.max_size());
  }
}

}  // namespace boxoffice::server
