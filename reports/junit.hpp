// junit.xml: a test case a trial, for the CI system that shows it. The format is the one that
// Jenkins and GitLab read.
#pragma once

#include <string>

#include "reports/summary.hpp"

namespace boxoffice::reports {

/// A sound trial fails where it is not a pass; a control trial fails where it was not caught. A
/// trial that was repeated is skipped where it came out invalid.
std::string junit_xml(const Run& run, const Summary& summary);

/// Escaped for XML, and without what XML 1.0 cannot carry.
std::string xml_text(const std::string& text);

}  // namespace boxoffice::reports
