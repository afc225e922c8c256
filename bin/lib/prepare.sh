# shellcheck shell=bash
# Copyright The jargdist authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the commands of bin/: what they need of the machine, and how they speak. Changes
# nothing on a machine that has everything.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

say() { printf '==> %s\n' "$*"; }

# One line that says what is wrong and what to do.
fail() {
  printf 'bin/%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# The major version of the javac that Maven will use; 0 if there is none.
jdk_version() {
  local javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac
  command -v "$javac" >/dev/null || { echo 0; return; }
  "$javac" -version 2>&1 | sed -n 's/.*javac \([0-9]*\).*/\1/p'
}

# The folder of that JDK.
java_home() {
  dirname "$(dirname "$(readlink -f "$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}javac")")")"
}

# Not grep -q: it would end before ldconfig has written all, which pipefail takes for a failure.
has_libbcc() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep 'libbcc\.so\.0' >/dev/null; }

apt_install() {
  command -v apt-get >/dev/null \
    || fail "no apt-get here: install what Debian calls $*, then try again"
  is_root || fail "not root, so cannot install what is missing: sudo apt-get install $*"
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } \
    || fail "apt-get could not install $* (see above): is there a network?"
}

# The versions of OpenJDK from 17 on that apt can install here, lowest first, one a line. It reads the
# lists that apt has: apt-get update fetches them.
apt_jdks() {
  command -v apt-cache >/dev/null || return 0
  local version
  for version in $(apt-cache pkgnames openjdk- \
    | sed -n 's/^openjdk-\([0-9]*\)-jdk-headless$/\1/p' | sort -n); do
    if [ "$version" -ge 17 ] && can_install "openjdk-$version-jdk-headless"; then
      echo "$version"
    fi
  done
}

# can_install PACKAGE: whether apt has a version of it.
can_install() {
  LC_ALL=C apt-cache policy "$1" | grep '^  Candidate: [^(]' >/dev/null
}

# Prints the package of the JDK that is installed where there is none: the lowest version that this
# release has, which is the one that most of its packages are made for.
jdk_package() {
  if command -v apt-get >/dev/null && is_root; then
    apt-get update -q >&2 || fail "apt-get update failed (see above): is there a network?"
  fi
  local versions
  versions=$(apt_jdks)
  [ -n "$versions" ] \
    || fail "there is no JDK 17 or later, and apt has none: install one, for example Temurin 21, and set JAVA_HOME to its folder"
  echo "openjdk-${versions%%$'\n'*}-jdk-headless"
}

# What jargdist needs to be built and to run: a JDK, Maven, libbcc.
# install_missing [PACKAGE ...]: and these packages.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  if [ "$(jdk_version)" -lt 17 ]; then
    [ -z "${JAVA_HOME:-}" ] \
      || fail "there is no JDK 17 or later at JAVA_HOME ($JAVA_HOME): set it to one, or unset it"
    package=$(jdk_package) || exit
    missing+=("$package")
  fi
  command -v mvn >/dev/null || missing+=(maven)
  has_libbcc || missing+=(libbpfcc)
  [ ${#missing[@]} -gt 0 ] || return 0
  apt_install "${missing[@]}"
  [ "$(jdk_version)" -ge 17 ] \
    || fail "$(command -v javac) is older than 17: set JAVA_HOME to the folder of a later JDK, for example one in /usr/lib/jvm"
}

# JConsole of each JDK that is tested, for the tests of its tab: Debian's JDKs have it, and what draws
# windows, in packages of their own.
install_jconsole() {
  local home version missing=()
  for version in "" "${tested_jdks[@]}"; do
    home=$(if [ -n "$version" ]; then find_jdk "$version"; else java_home; fi)
    if [ -z "$home" ] || { [ -x "$home/bin/jconsole" ] && [ -e "$home/lib/libawt_xawt.so" ]; }; then
      continue
    fi
    home=$(readlink -f "$home")
    case $home in
      /usr/lib/jvm/java-*-openjdk-*)
        version=${home#/usr/lib/jvm/java-}
        missing+=("openjdk-${version%%-*}-jdk")
        ;;
      *) say "$home has no JConsole: its tests will be skipped" ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# bcc's argdist, to compare with. It compiles with the headers of whatever kernel is at
# /lib/modules/RELEASE; for user probes and tracepoints those of another release will do. Those of
# this kernel are preferred: on Debian 13 the others bring their kernel.
install_argdist() {
  local modules headers package
  modules=/lib/modules/$(uname -r)
  [ -x /usr/sbin/argdist-bpfcc ] && [ -e "$modules/build" ] && [ -e "$modules/source" ] && return 0
  if ! command -v apt-get >/dev/null || ! is_root; then
    say "no argdist here: install bpfcc-tools and linux-headers-amd64 as root to compare with it"
    return 0
  fi
  apt-get update -q || { say "apt-get update failed: the comparison with argdist will be skipped"; return 0; }
  package=linux-headers-$(uname -r)
  can_install "$package" || package=linux-headers-amd64
  say "installing bpfcc-tools and $package, to compare with argdist"
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends bpfcc-tools "$package" \
    || { say "cannot install them: the comparison with argdist will be skipped"; return 0; }
  [ "$package" = linux-headers-amd64 ] || return 0
  headers=$(find /usr/src -maxdepth 1 -name 'linux-headers-*-amd64' | sort -V | tail -n 1)
  [ -n "$headers" ] || { say "no headers below /usr/src: the comparison will be skipped"; return 0; }
  say "linking $modules/build and source to $headers"
  { mkdir -p "$modules" \
    && { [ -e "$modules/build" ] || ln -sfn "$headers" "$modules/build"; } \
    && { [ -e "$modules/source" ] || ln -sfn "${headers%-amd64}-common" "$modules/source"; }; } \
    || say "cannot link $modules/build: the comparison with argdist will be skipped"
}

# Tracepoints and uprobes are found through tracefs; containers and fresh VMs often lack it.
mount_tracefs() {
  if grep -q ' /sys/kernel/tracing tracefs ' /proc/mounts || ! is_root; then
    return 0
  fi
  say "mounting tracefs on /sys/kernel/tracing"
  mount -t tracefs tracefs /sys/kernel/tracing \
    || say "cannot mount tracefs: tracepoints will not work; run in a VM or a privileged container"
}

# find_jdk VERSION: the folder of such a JDK, nothing if there is none.
find_jdk() {
  local release
  for release in "$JARGDIST_JDKS"/*/release; do
    if grep -qs "^JAVA_VERSION=\"$1[.\"]" "$release" && [ -x "${release%release}bin/javac" ]; then
      dirname "$release"
      return
    fi
  done
}

# The JDKs that targets run on in the tests of whole processes, and the bridge in its own, as far as
# they are there (agent/src/test: Jdks).
tested_jdks=(17 21 25)

# Of those, what apt has and this machine has not. What builds stays the same, although Debian makes the
# highest version the one on the path.
install_tested_jdks() {
  is_root || return 0
  export JAVA_HOME=${JAVA_HOME:-$(java_home)}
  local version missing=()
  for version in $(apt_jdks); do
    case " ${tested_jdks[*]} " in
      *" $version "*) [ -n "$(find_jdk "$version")" ] || missing+=("openjdk-$version-jdk-headless") ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# Where JDKs are looked for. The tests look there, too.
export JARGDIST_JDKS=${JARGDIST_JDKS:-/usr/lib/jvm}

# A file of a Debian package for the tests, unpacked below agent/target: installing prometheus would start
# a server on this machine, and no other program is to find another allocator here.
# fetch_file PACKAGE FILE: nothing if it is there, or was fetched before. FILE may hold *.
fetch_file() {
  local tools=agent/target/tools
  if compgen -G "/$2" >/dev/null || compgen -G "$tools/$2" >/dev/null; then
    return 0
  fi
  command -v apt-get >/dev/null || { say "no apt-get here: install $1 to test with it"; return 0; }
  say "fetching $1 into $tools"
  mkdir -p "$tools"
  { { apt-get update -q && (cd "$tools" && apt-get download -q "$1"); } >/dev/null \
    && dpkg-deb -x "$tools/$1"_*.deb "$tools"; } || say "cannot fetch $1: its tests will be skipped"
}

# The product and the samples, without tests, unless they are newer than their sources.
build_if_stale() {
  local jar=agent/target/jargdist.jar
  if compgen -G 'samples/target/jargdist-samples-*.jar' >/dev/null && [ -e "$jar" ] \
    && [ -z "$(find pom.xml ./*/pom.xml ./*/src/main -newer "$jar" -print -quit)" ]; then
    return 0
  fi
  say "building $jar (without tests)"
  mvn -q -B -Dmaven.test.skip -Dspotless.check.skip package \
    || fail "the build failed (see above): if it could not download, is there a network?"
}
