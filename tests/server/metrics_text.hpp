// Reads the text of /metrics as Prometheus does, strictly, for tests: a line that is no sample, a
// sample without a type or one that is there twice is an error.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace boxoffice::tests {

class MetricsText {
 public:
  /// Throws std::runtime_error where the text is not in the form 0.0.4.
  explicit MetricsText(const std::string& text);

  /// Of the one sample that has this name and, among others, all of these labels. Throws where
  /// there is none or more than one.
  double value(const std::string& name,
               const std::map<std::string, std::string>& labels = {}) const;
  /// Sum over all samples that have these; 0 where there is none.
  double sum(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;
  /// Names of samples: of histograms with _bucket, _sum and _count.
  std::set<std::string> names() const;
  /// Names of labels that samples of this name have.
  std::set<std::string> labels_of(const std::string& name) const;
  /// What `label` says in the samples of this name.
  std::set<std::string> values_of(const std::string& name, const std::string& label) const;

 private:
  struct Sample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
  };
  void take_sample(const std::string& line);
  std::vector<const Sample*> find(const std::string& name,
                                  const std::map<std::string, std::string>& labels) const;

  std::map<std::string, std::string> types_;
  std::vector<Sample> samples_;
};

}  // namespace boxoffice::tests
