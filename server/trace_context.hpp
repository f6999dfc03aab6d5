// The trace that a request belongs to, as its caller says: W3C Trace Context, header traceparent.
//
// This server starts no spans of its own. It puts the trace's id into its log lines, so that they
// are found from the trace and the trace from them. What is not exactly as the standard says is no
// trace at all: the header comes from anybody, and a log is not the place to find out.
// Source: W3C Recommendation "Trace Context", 23 November 2021, section 3.2.
#pragma once

#include <string_view>

namespace boxoffice::server {

/// The 32 hexadecimal digits of the trace id; empty where the header is not valid.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace boxoffice::server
