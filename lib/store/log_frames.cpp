#include "store/log_frames.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <new>
#include <span>
#include <unistd.h>
#include <vector>

namespace smsauth::store {

namespace {

constexpr std::size_t header_octets = 32;
constexpr std::size_t frame_header_octets = 24;
constexpr std::size_t word_octets = 4;
constexpr std::uint32_t magic = 0x377f0682;  ///< its lowest bit: checksums are of big-endian words
constexpr std::uint32_t least_page = 512;
constexpr std::uint32_t most_page = 65'536;

// Octets of a header, and of a frame's own header, where the words stand that are needed here.
constexpr std::size_t page_size_at = 8;
constexpr std::size_t salt_at = 16;
constexpr std::size_t header_checksum_at = 24;
constexpr std::size_t frame_salt_at = 8;
constexpr std::size_t frame_checksum_at = 16;

std::uint32_t word(std::span<const unsigned char> octets, std::size_t at, bool big_endian = true) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < word_octets; ++i) {
    const std::size_t shift = 8 * (big_endian ? word_octets - 1 - i : i);
    value |= static_cast<std::uint32_t>(octets[at + i]) << shift;
  }
  return value;
}

struct checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const checksum&) const = default;

  void add(std::span<const unsigned char> octets, bool big_endian) noexcept {
    for (std::size_t at = 0; at + 2 * word_octets <= octets.size(); at += 2 * word_octets) {
      first += word(octets, at, big_endian) + second;
      second += word(octets, at + word_octets, big_endian) + first;
    }
  }
};

checksum checksum_at(std::span<const unsigned char> octets, std::size_t at) noexcept {
  return {word(octets, at), word(octets, at + word_octets)};
}

class log_file {
 public:
  explicit log_file(const std::string& path) noexcept : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
  ~log_file() {
    if (file_ >= 0) ::close(file_);
  }
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  bool read(std::span<unsigned char> into, std::size_t at) const noexcept {
    return ::pread(file_, into.data(), into.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(into.size());
  }
  bool write(std::span<const unsigned char> octets, std::size_t at) const noexcept {
    return ::pwrite(file_, octets.data(), octets.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(octets.size());
  }

 private:
  int file_;
};

bool rewrite(const std::string& path, int count, const log_salts& of) {
  const log_file file(path);
  std::array<unsigned char, header_octets> header;
  if (!file.read(header, 0) || (word(header, 0) & ~1U) != magic) return false;
  const bool big_endian = (word(header, 0) & 1U) != 0;
  const std::uint32_t page = word(header, page_size_at);
  if (page < least_page || page > most_page || !std::has_single_bit(page)) return false;
  checksum sum;
  sum.add(std::span(header).first(header_checksum_at), big_endian);
  if (sum != checksum_at(header, header_checksum_at) || !file.write(header, 0)) return false;

  if (!std::equal(of.begin(), of.end(), header.begin() + salt_at)) return true;

  std::vector<unsigned char> frame(frame_header_octets + page);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::size_t at = header_octets + i * frame.size();
    if (!file.read(frame, at)) return false;
    if (checksum_at(frame, frame_salt_at) != checksum_at(header, salt_at)) return false;
    sum.add(std::span(frame).first(frame_salt_at), big_endian);
    sum.add(std::span(frame).subspan(frame_header_octets), big_endian);
    if (sum != checksum_at(frame, frame_checksum_at) || !file.write(frame, at)) return false;
  }
  return true;
}

}  // namespace

std::optional<log_salts> read_log_salts(int file) noexcept {
  log_salts salts;
  if (::pread(file, salts.data(), salts.size(), static_cast<off_t>(salt_at)) != static_cast<ssize_t>(salts.size()))
    return std::nullopt;
  return salts;
}

bool rewrite_log_frames(const std::string& path, int count, const log_salts& of) noexcept {
  try {
    return rewrite(path, count, of);
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace smsauth::store
