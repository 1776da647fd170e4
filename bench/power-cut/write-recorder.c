/*
 * Preloaded into a process (LD_PRELOAD), writes down what it does to the files below a directory, in the order in which it does it:
 * creations, writes with their bytes, truncations, renames, links, removals, flushes. And the first bytes of what it sends over TCP, with
 * the peer's IPv4 address, so that it is known what had been flushed when an answer left.
 *
 *   POWER_CUT_ROOT  the directory, an absolute path without symbolic links
 *   POWER_CUT_LOG   the file that the log is appended to; outside of it
 *
 * One lock, held over the call and its record, orders the calls of all threads and of all processes that write to the log.
 * Format (read by write-log.ts): records of a header of 40 bytes and its payload.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  CREATE = 1,
  WRITE = 2,
  TRUNCATE = 3,
  SYNC = 4,
  SYNC_DIRECTORY = 5,
  RENAME = 6,
  LINK = 7,
  UNLINK = 8,
  MKDIR = 9,
  RMDIR = 10,
  SENT = 11,
  UNKNOWN = 12,
};

struct header {
  uint32_t magic;
  uint32_t kind;
  uint64_t inode;
  uint64_t offset;
  /* Bytes of the first and of the second part of the payload. */
  uint64_t first;
  uint64_t second;
};

static char root[PATH_MAX];
static size_t root_length = 0;
static int log_fd = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
  const char *directory = getenv("POWER_CUT_ROOT");
  const char *log = getenv("POWER_CUT_LOG");
  if (directory == NULL || log == NULL || strlen(directory) >= sizeof root) return;
  strcpy(root, directory);
  root_length = strlen(root);
  log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log_fd < 0) {
    fprintf(stderr, "the log %s cannot be opened: %s\n", log, strerror(errno));
    abort();
  }
}

static void lock(void) {
  pthread_mutex_lock(&mutex);
  while (flock(log_fd, LOCK_EX) != 0 && errno == EINTR) {
  }
}

static void unlock(void) {
  int kept = errno;
  flock(log_fd, LOCK_UN);
  pthread_mutex_unlock(&mutex);
  errno = kept;
}

static void put(const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t written = syscall(SYS_write, log_fd, next, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) abort();
    next += written;
    length -= (size_t)written;
  }
}

static void record(uint32_t kind, uint64_t inode, uint64_t offset, const void *a, size_t a_length, const void *b, size_t b_length) {
  int kept = errno;
  struct header header = {0x43575243u, kind, inode, offset, a_length, b_length};
  put(&header, sizeof header);
  put(a, a_length);
  put(b, b_length);
  errno = kept;
}

static int is_below(const char *path) {
  return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* The absolute path, and whether it is to be watched. */
static int watched(int directory, const char *path, char out[PATH_MAX]) {
  if (log_fd < 0 || path == NULL) return 0;
  if (path[0] == '/') {
    if (strlen(path) >= PATH_MAX) return 0;
    strcpy(out, path);
    return is_below(out);
  }
  char base[PATH_MAX];
  char link[64];
  ssize_t length;
  if (directory == AT_FDCWD) {
    length = readlink("/proc/self/cwd", base, sizeof base - 1);
  } else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    length = readlink(link, base, sizeof base - 1);
  }
  if (length < 0) return 0;
  base[length] = 0;
  if ((size_t)snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  return is_below(out);
}

/* What an open file is: 0 not watched, 1 a file, 2 a directory, 3 a TCP connection. */
static int kind_of(int fd, uint64_t *inode, char path[PATH_MAX], uint32_t *peer) {
  int kept = errno;
  int kind = 0;
  struct stat found;
  if (log_fd >= 0 && fd != log_fd && fstat(fd, &found) == 0) {
    if (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode)) {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
      ssize_t length = readlink(link, path, PATH_MAX - 1);
      if (length > 0) {
        path[length] = 0;
        if (is_below(path)) {
          kind = S_ISREG(found.st_mode) ? 1 : 2;
          *inode = found.st_ino;
        }
      }
    } else if (S_ISSOCK(found.st_mode)) {
      struct sockaddr_in address;
      socklen_t size = sizeof address;
      if (getpeername(fd, (struct sockaddr *)&address, &size) == 0 && address.sin_family == AF_INET) {
        *peer = ntohl(address.sin_addr.s_addr);
        kind = 3;
      }
    }
  }
  errno = kept;
  return kind;
}


/* --- opening --- */

static int open_watched(int directory, const char *path, int flags, mode_t mode) {
  char full[PATH_MAX];
  if ((flags & (O_CREAT | O_TRUNC)) == 0 || !watched(directory, path, full))
    return (int)syscall(SYS_openat, directory, path, flags, mode);
  lock();
  struct stat before, after;
  int existed = lstat(full, &before) == 0;
  int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
  if (fd >= 0 && fstat(fd, &after) == 0) {
    if (!existed) record(CREATE, after.st_ino, 0, full, strlen(full), NULL, 0);
    else if ((flags & O_TRUNC) != 0) record(TRUNCATE, after.st_ino, 0, NULL, 0, NULL, 0);
  }
  unlock();
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *path, int flags, ...) {
  MODE(flags);
  return open_watched(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags);
  return open_watched(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int directory, const char *path, int flags, ...) {
  MODE(flags);
  return open_watched(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
  MODE(flags);
  return open_watched(directory, path, flags | O_LARGEFILE, mode);
}

/* --- content --- */

static void record_write(int fd, uint64_t inode, off_t offset, const struct iovec *parts, int count, size_t written) {
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - (off_t)written;
  for (int i = 0; i < count && written > 0; i++) {
    size_t length = parts[i].iov_len < written ? parts[i].iov_len : written;
    if (length > 0) record(WRITE, inode, (uint64_t)offset, parts[i].iov_base, length, NULL, 0);
    offset += (off_t)length;
    written -= length;
  }
}

/* The call itself, with its record. A negative offset: where the file stands. */
static ssize_t write_watched(int fd, const struct iovec *parts, int count, off_t offset, ssize_t (*call)(int, const struct iovec *, int, off_t)) {
  uint64_t inode = 0;
  uint32_t peer = 0;
  char path[PATH_MAX];
  int kind = kind_of(fd, &inode, path, &peer);
  if (kind != 1 && kind != 3) return call(fd, parts, count, offset);
  lock();
  ssize_t written;
  if (kind == 3) {
    /* Before the call: what is flushed from here on was not flushed when the answer left. */
    size_t length = count > 0 ? parts[0].iov_len : 0;
    record(SENT, peer, 0, length > 0 ? parts[0].iov_base : NULL, length > 32 ? 32 : length, NULL, 0);
    unlock();
    return call(fd, parts, count, offset);
  }
  written = call(fd, parts, count, offset);
  if (written > 0) record_write(fd, inode, offset, parts, count, (size_t)written);
  unlock();
  return written;
}

static ssize_t plain_write(int fd, const struct iovec *parts, int count, off_t offset) {
  (void)count;
  (void)offset;
  return syscall(SYS_write, fd, parts[0].iov_base, parts[0].iov_len);
}

static ssize_t plain_writev(int fd, const struct iovec *parts, int count, off_t offset) {
  (void)offset;
  return syscall(SYS_writev, fd, parts, count);
}

static ssize_t plain_pwrite(int fd, const struct iovec *parts, int count, off_t offset) {
  (void)count;
  return syscall(SYS_pwrite64, fd, parts[0].iov_base, parts[0].iov_len, offset);
}

static ssize_t plain_pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return syscall(SYS_pwritev, fd, parts, count, (unsigned long)offset, 0ul);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec part = {(void *)bytes, length};
  return write_watched(fd, &part, 1, -1, plain_write);
}

ssize_t writev(int fd, const struct iovec *parts, int count) { return write_watched(fd, parts, count, -1, plain_writev); }

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  struct iovec part = {(void *)bytes, length};
  return write_watched(fd, &part, 1, offset, plain_pwrite);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return write_watched(fd, parts, count, offset, plain_pwritev);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return pwritev(fd, parts, count, offset); }

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  uint64_t inode = 0;
  uint32_t peer = 0;
  char path[PATH_MAX];
  if (kind_of(fd, &inode, path, &peer) == 3) {
    size_t length = message->msg_iovlen > 0 ? message->msg_iov[0].iov_len : 0;
    lock();
    record(SENT, peer, 0, length > 0 ? message->msg_iov[0].iov_base : NULL, length > 32 ? 32 : length, NULL, 0);
    unlock();
  }
  return syscall(SYS_sendmsg, fd, message, flags);
}

int ftruncate(int fd, off_t length) {
  uint64_t inode = 0;
  uint32_t peer = 0;
  char path[PATH_MAX];
  if (kind_of(fd, &inode, path, &peer) != 1) return (int)syscall(SYS_ftruncate, fd, length);
  lock();
  int result = (int)syscall(SYS_ftruncate, fd, length);
  if (result == 0) record(TRUNCATE, inode, (uint64_t)length, NULL, 0, NULL, 0);
  unlock();
  return result;
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int truncate(const char *path, off_t length) {
  char full[PATH_MAX];
  if (!watched(AT_FDCWD, path, full)) return (int)syscall(SYS_truncate, path, length);
  lock();
  struct stat found;
  int result = (int)syscall(SYS_truncate, path, length);
  if (result == 0 && stat(full, &found) == 0) record(TRUNCATE, found.st_ino, (uint64_t)length, NULL, 0, NULL, 0);
  unlock();
  return result;
}

int truncate64(const char *path, off64_t length) { return truncate(path, length); }

static int sync_watched(int fd, long call) {
  uint64_t inode = 0;
  uint32_t peer = 0;
  char path[PATH_MAX];
  int kind = kind_of(fd, &inode, path, &peer);
  if (kind != 1 && kind != 2) return (int)syscall(call, fd);
  lock();
  int result = (int)syscall(call, fd);
  if (result == 0) {
    if (kind == 1) record(SYNC, inode, 0, path, strlen(path), NULL, 0);
    else record(SYNC_DIRECTORY, inode, 0, path, strlen(path), NULL, 0);
  }
  unlock();
  return result;
}

int fsync(int fd) { return sync_watched(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_watched(fd, SYS_fdatasync); }

/* --- names --- */

static int two_names(uint32_t kind, int from_directory, const char *from, int to_directory, const char *to, int flags, long call) {
  char full_from[PATH_MAX];
  char full_to[PATH_MAX];
  int watch_from = watched(from_directory, from, full_from);
  int watch_to = watched(to_directory, to, full_to);
  if (!watch_from && !watch_to) return (int)syscall(call, from_directory, from, to_directory, to, flags);
  lock();
  int result = (int)syscall(call, from_directory, from, to_directory, to, flags);
  if (result == 0) {
    if (watch_from && watch_to) record(kind, 0, (uint64_t)flags, full_from, strlen(full_from), full_to, strlen(full_to));
    else record(UNKNOWN, 0, 0, from, strlen(from), to, strlen(to));
  }
  unlock();
  return result;
}

int rename(const char *from, const char *to) { return two_names(RENAME, AT_FDCWD, from, AT_FDCWD, to, 0, SYS_renameat2); }

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
  return two_names(RENAME, from_directory, from, to_directory, to, 0, SYS_renameat2);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
  return two_names(RENAME, from_directory, from, to_directory, to, (int)flags, SYS_renameat2);
}

int link(const char *from, const char *to) { return two_names(LINK, AT_FDCWD, from, AT_FDCWD, to, 0, SYS_linkat); }

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
  return two_names(LINK, from_directory, from, to_directory, to, flags, SYS_linkat);
}

static int unlink_watched(int directory, const char *path, int flags) {
  char full[PATH_MAX];
  if (!watched(directory, path, full)) return (int)syscall(SYS_unlinkat, directory, path, flags);
  lock();
  int result = (int)syscall(SYS_unlinkat, directory, path, flags);
  if (result == 0) record((flags & AT_REMOVEDIR) != 0 ? RMDIR : UNLINK, 0, 0, full, strlen(full), NULL, 0);
  unlock();
  return result;
}

int unlink(const char *path) { return unlink_watched(AT_FDCWD, path, 0); }
int unlinkat(int directory, const char *path, int flags) { return unlink_watched(directory, path, flags); }
int rmdir(const char *path) { return unlink_watched(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char *path) {
  struct stat found;
  if (lstat(path, &found) == 0 && S_ISDIR(found.st_mode)) return rmdir(path);
  return unlink(path);
}

static int mkdir_watched(int directory, const char *path, mode_t mode) {
  char full[PATH_MAX];
  if (!watched(directory, path, full)) return (int)syscall(SYS_mkdirat, directory, path, mode);
  lock();
  int result = (int)syscall(SYS_mkdirat, directory, path, mode);
  if (result == 0) record(MKDIR, 0, 0, full, strlen(full), NULL, 0);
  unlock();
  return result;
}

int mkdir(const char *path, mode_t mode) { return mkdir_watched(AT_FDCWD, path, mode); }
int mkdirat(int directory, const char *path, mode_t mode) { return mkdir_watched(directory, path, mode); }

/* --- ways to write that are not followed: said, so that the test fails instead of missing them --- */

static void note_unknown(int fd, const char *what) {
  uint64_t inode = 0;
  uint32_t peer = 0;
  char path[PATH_MAX];
  if (kind_of(fd, &inode, path, &peer) != 1) return;
  lock();
  record(UNKNOWN, inode, 0, what, strlen(what), path, strlen(path));
  unlock();
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset) {
  if (log_fd >= 0 && fd >= 0 && (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0) {
    uint64_t inode = 0;
    uint32_t peer = 0;
    char path[PATH_MAX];
    /* SQLite's index of the log is shared memory: it is made anew after a loss of power. */
    if (kind_of(fd, &inode, path, &peer) == 1 && (strlen(path) < 4 || strcmp(path + strlen(path) - 4, "-shm") != 0))
      note_unknown(fd, "mmap");
  }
  return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap64(address, length, protection, flags, fd, offset);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags) {
  note_unknown(to, "copy_file_range");
  return syscall(SYS_copy_file_range, from, from_offset, to, to_offset, length, flags);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t length) {
  note_unknown(to, "sendfile");
  return syscall(SYS_sendfile, to, from, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  note_unknown(fd, "fallocate");
  return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return fallocate64(fd, 0, offset, length) == 0 ? 0 : errno;
}
