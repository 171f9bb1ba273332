#define _GNU_SOURCE /* accept4 */
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { BACKLOG = 512 };

int listener_open(const char *address, int port)
{
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  int descriptor = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return -1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  const struct sockaddr *name = is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
  if (bind(descriptor, name, is_v4 ? sizeof v4 : sizeof v6) == 0 && listen(descriptor, BACKLOG) == 0)
    return descriptor;
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

int listener_port(int descriptor)
{
  struct sockaddr_storage address;
  if (getsockname(descriptor, (struct sockaddr *)&address, &(socklen_t){sizeof address}) != 0)
    return -1;
  return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port : ((struct sockaddr_in *)&address)->sin_port);
}

char *listener_name_peer(const struct sockaddr_storage *address, char peer[LISTENER_PEER_TEXT])
{
  char text[INET6_ADDRSTRLEN] = "?";
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
  bool is_v6 = address->ss_family == AF_INET6;
  inet_ntop(address->ss_family, is_v6 ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr, text, sizeof text);
  snprintf(peer, LISTENER_PEER_TEXT, "%s:%d", text, ntohs(is_v6 ? v6->sin6_port : v4->sin_port));
  return peer;
}

void listener_prepare(int descriptor)
{
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &(int){30}, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &(int){10}, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &(int){3}, sizeof(int));
}

int listener_accept(int descriptor, char peer[LISTENER_PEER_TEXT])
{
  struct sockaddr_storage address;
  int accepted = accept4(descriptor, (struct sockaddr *)&address, &(socklen_t){sizeof address}, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) {
    listener_name_peer(&address, peer);
    listener_prepare(accepted);
  }
  return accepted;
}
