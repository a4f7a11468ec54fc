/* Names of hosts and services: numeric ones and localhost; there is no resolver. The addresses of the network interfaces are the host's. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"

union address
{
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct entry
{
	struct addrinfo info;
	union address address;
};

static int
parse_port(const char *service, uint16_t *port)
{
	char *end;
	unsigned long n = 0;

	if (service && *service)
	{
		n = strtoul(service, &end, 10);
		if (*end || n > 65535)
			return EAI_SERVICE;
	}
	*port = htons(n);
	return 0;
}

static int
append(struct addrinfo ***tail, const struct addrinfo *hints, const union address *a, socklen_t length)
{
	struct entry *e = calloc(1, sizeof *e);

	if (!e)
		return EAI_MEMORY;
	e->address = *a;
	e->info.ai_family = a->any.sa_family;
	e->info.ai_socktype = hints && hints->ai_socktype ? hints->ai_socktype : SOCK_STREAM;
	e->info.ai_protocol = IPPROTO_TCP;
	e->info.ai_addrlen = length;
	e->info.ai_addr = &e->address.any;
	**tail = &e->info;
	*tail = &e->info.ai_next;
	return 0;
}

int
getaddrinfo(const char *restrict host, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	int family = hints ? hints->ai_family : AF_UNSPEC;
	int passive = hints && (hints->ai_flags & AI_PASSIVE);
	int numeric = hints && (hints->ai_flags & AI_NUMERICHOST);
	int local = host && !numeric && strcmp(host, "localhost") == 0;
	struct addrinfo **tail = result;
	union address a4, a6;
	uint16_t port;
	int r = parse_port(service, &port);

	*result = NULL;
	if (r)
		return r;
	memset(&a4, 0, sizeof a4);
	memset(&a6, 0, sizeof a6);
	a4.v4.sin_family = AF_INET;
	a4.v4.sin_port = port;
	a6.v6.sin6_family = AF_INET6;
	a6.v6.sin6_port = port;
	if (!host || local)
	{
		a4.v4.sin_addr.s_addr = htonl(host || !passive ? INADDR_LOOPBACK : INADDR_ANY);
		a6.v6.sin6_addr = host || !passive ? in6addr_loopback : in6addr_any;
	}
	if (family != AF_INET6 && (!host || local || inet_pton(AF_INET, host, &a4.v4.sin_addr) == 1))
		r = append(&tail, hints, &a4, sizeof a4.v4);
	if (!r && family != AF_INET && (!host || local || inet_pton(AF_INET6, host, &a6.v6.sin6_addr) == 1))
		r = append(&tail, hints, &a6, sizeof a6.v6);
	if (r)
		freeaddrinfo(*result);
	return r ? r : (*result ? 0 : EAI_NONAME);
}

void
freeaddrinfo(struct addrinfo *list)
{
	while (list)
	{
		struct addrinfo *next = list->ai_next;

		free(list);
		list = next;
	}
}

static int
is_loopback(const union address *a)
{
	return a->any.sa_family == AF_INET ? a->v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK) : IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

int
getnameinfo(const struct sockaddr *restrict address, socklen_t length, char *restrict host, socklen_t host_size, char *restrict service, socklen_t service_size, int flags)
{
	const union address *a = (const union address *) address;
	int v6 = address->sa_family == AF_INET6;

	if (!v6 && address->sa_family != AF_INET)
		return EAI_FAMILY;
	if (flags & NI_NAMEREQD && (!is_loopback(a) || flags & NI_NUMERICHOST))
		return EAI_NONAME;
	if (host && host_size && !(flags & NI_NUMERICHOST) && is_loopback(a))
	{
		if (strlcpy(host, "localhost", host_size) >= host_size)
			return EAI_OVERFLOW;
	}
	else if (host && host_size && !inet_ntop(address->sa_family, v6 ? (const void *) &a->v6.sin6_addr : &a->v4.sin_addr, host, host_size))
		return EAI_OVERFLOW;
	if (service && service_size && snprintf(service, service_size, "%u", ntohs(v6 ? a->v6.sin6_port : a->v4.sin_port)) >= (int) service_size)
		return EAI_OVERFLOW;
	return 0;
}

struct hostent *gethostbyname(const char *name) { return NULL; }
struct servent *getservbyname(const char *name, const char *protocol) { return NULL; }

/* An interface as getifaddrs gives it, with the addresses that it points to. */
struct interface
{
	struct ifaddrs info;
	union address address, mask;
};

static void
set_address(union address *a, const struct host_interface *from, int is_mask)
{
	int v6 = from->family == AF_INET6;
	uint8_t *bytes = v6 ? a->v6.sin6_addr.s6_addr : (uint8_t *) &a->v4.sin_addr;

	a->any.sa_family = from->family;
	memcpy(bytes, is_mask ? from->mask : from->address, v6 ? 16 : 4);
}

int
getifaddrs(struct ifaddrs **result)
{
	struct host_interface list[256];
	int count = pglite_fail(host_interfaces(list, sizeof list / sizeof *list));
	struct interface *all;

	*result = NULL;
	if (count <= 0)
		return count;
	all = calloc(count, sizeof *all);
	if (!all)
		return -1;
	for (int i = 0; i < count; i++)
	{
		set_address(&all[i].address, &list[i], 0);
		set_address(&all[i].mask, &list[i], 1);
		all[i].info.ifa_name = "host";
		all[i].info.ifa_addr = &all[i].address.any;
		all[i].info.ifa_netmask = &all[i].mask.any;
		all[i].info.ifa_next = i + 1 < count ? &all[i + 1].info : NULL;
	}
	*result = &all[0].info;
	return 0;
}

void
freeifaddrs(struct ifaddrs *list)
{
	free(list);
}
