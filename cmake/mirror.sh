# To be sourced. debian_mirror: the Debian mirror that this machine's apt already uses for its own release, so that no
# host name is written down anywhere; empty where apt has no package lists of Debian yet.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' 2>/dev/null \
    | grep -v security | sort -u | head -n 1
}
