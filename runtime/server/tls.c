/*
 * PostgreSQL's own interface to a TLS library (src/include/libpq/libpq-be.h), over a host that takes TLS off before a connection
 * comes here. The server is compiled with USE_SSL, so that it knows what a connection uses: pg_hba.conf, pg_stat_ssl, channel
 * binding. Linked with -Wl,--wrap=pq_init.
 */
#include "postgres.h"

#include <sys/stat.h>
#include <unistd.h>

#include "libpq/libpq.h"
#include "libpq/libpq-be.h"
#include "mb/pg_wchar.h"
#include "postmaster/postmaster.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/memutils.h"
#if PGLITE_PG_MAJOR >= 18
#include "storage/waiteventset.h"
#endif

#include "../libc/abi.h"

#define LONGEST_FILE (256 << 10)	/* of certificates; the host reads strings of 1 MiB at most */

/* What SHOW ssl_library and the cipher parameters say without a value of the user's. */
static const struct
{
	const char *name;
	const char *value;
}	own_defaults[] = {
	{"ssl_library", "Go crypto/tls"},
	{"ssl_ciphers", ""},
	{"ssl_groups", ""},
	{"ssl_ecdh_curve", ""},		/* PostgreSQL 17's name */
};

extern void __real_InitializeGUCOptions(void);

void
__wrap_InitializeGUCOptions(void)
{
	for (struct config_string *c = ConfigureNamesString; c->gen.name; c++)
		for (int i = 0; i < lengthof(own_defaults); i++)
			if (strcmp(c->gen.name, own_defaults[i].name) == 0)
				c->boot_val = own_defaults[i].value;
	__real_InitializeGUCOptions();
}

/* read_file returns a file's content with a NUL at its end, NULL after a message. */
static char *
read_file(const char *name, const char *what, int level)
{
	char	   *content = palloc(LONGEST_FILE + 1);
	FILE	   *file = AllocateFile(name, PG_BINARY_R);
	size_t		length;

	if (!file)
	{
		ereport(level,
				(errcode_for_file_access(),
				 errmsg("could not load %s \"%s\": %m", what, name),
				 errhint("The server sees its data directory, and what --mount shows it of the host.")));
		return NULL;
	}
	length = fread(content, 1, LONGEST_FILE + 1, file);
	FreeFile(file);
	if (length > LONGEST_FILE)
	{
		ereport(level, (errcode(ERRCODE_CONFIG_FILE_ERROR), errmsg("%s \"%s\" is too large", what, name)));
		return NULL;
	}
	content[length] = '\0';
	return content;
}

/* warn_about_unused tells of parameters that the host's TLS library does not take. */
static void
warn_about_unused(void)
{
	static const char *const names[] = {"ssl_ciphers", "ssl_tls13_ciphers", "ssl_groups", "ssl_ecdh_curve", "ssl_dh_params_file"};

	for (int i = 0; i < lengthof(names); i++)
	{
		const char *value = GetConfigOption(names[i], true, false);

		if (value && *value)
			ereport(LOG,
					(errmsg("parameter \"%s\" has no effect: the host's TLS library chooses among the ciphers that are safe", names[i])));
	}
}

int
be_tls_init(bool isServerStart)
{
	int			level = isServerStart ? FATAL : LOG;
	int			own = host_tls_own();
	char	   *certificate = NULL;
	char	   *key = NULL;
	char	   *authorities = NULL;
	char		message[512] = "";

	if (ssl_crl_file[0] || ssl_crl_dir[0])
	{
		ereport(level,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("certificate revocation lists are not supported here: \"ssl_crl_file\" and \"ssl_crl_dir\" must be empty")));
		return -1;
	}
	if (!own)
	{
		if (!(certificate = read_file(ssl_cert_file, "server certificate file", level)) ||
			!check_ssl_key_file_permissions(ssl_key_file, isServerStart) ||
			!(key = read_file(ssl_key_file, "private key file", level)))
			return -1;
	}
	if (ssl_ca_file[0] && !(authorities = read_file(ssl_ca_file, "root certificate file", level)))
		return -1;
	if (host_tls_configure(certificate, key, authorities, ssl_min_protocol_version, ssl_max_protocol_version, message, sizeof message) < 0)
	{
		ereport(level,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("could not set up TLS: %s", message)));
		return -1;
	}
	if (key)
		explicit_bzero(key, strlen(key));
	warn_about_unused();
	ssl_loaded_verify_locations = authorities != NULL;
	return 0;
}

void
be_tls_destroy(void)
{
	host_tls_disable();
	ssl_loaded_verify_locations = false;
}

/* state returns what the host knows of the connection's TLS, NULL for none; the length does not count the NUL that is added. */
static char *
state(const Port *port, enum host_tls_item item, int *length)
{
	char		value[4096];
	int			n = host_tls_state(port->sock, item, value, sizeof value - 1);
	char	   *copy;

	if (n < 0)
		return NULL;
	copy = MemoryContextAlloc(TopMemoryContext, n + 1);
	memcpy(copy, value, n);
	copy[n] = '\0';
	if (length)
		*length = n;
	return copy;
}

/* certificate_text is state for what the client's certificate says: NULL when it says nothing. */
static char *
certificate_text(const Port *port, enum host_tls_item item)
{
	int			length = 0;
	char	   *value = state(port, item, &length);

	return length > 0 ? value : NULL;
}

extern Port *__real_pq_init(ClientSocket *client_sock);

/* A connection is what the host says it is before its first byte is read. Requests for encryption that come later are refused. */
Port *
__wrap_pq_init(ClientSocket *client_sock)
{
	Port	   *port = __real_pq_init(client_sock);

	LoadedSSL = false;
	if (!state(port, HOST_TLS_VERSION, NULL))
		return port;
	port->ssl_in_use = true;
	port->alpn_used = certificate_text(port, HOST_TLS_ALPN) != NULL;
	port->peer_cn = certificate_text(port, HOST_TLS_COMMON_NAME);
	port->peer_dn = certificate_text(port, HOST_TLS_DISTINGUISHED_NAME);
	port->peer_cert_valid = certificate_text(port, HOST_TLS_SERIAL) != NULL;
	return port;
}

/* Only a client that the host has not asked comes here, and LoadedSSL keeps it out. */
int
be_tls_open_server(Port *port)
{
	ereport(COMMERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("could not accept SSL connection: TLS ends before a connection comes to the server")));
	return -1;
}

void
be_tls_close(Port *port)
{
	port->ssl_in_use = false;
}

ssize_t
be_tls_read(Port *port, void *ptr, size_t len, int *waitfor)
{
	*waitfor = WL_SOCKET_READABLE;
	return secure_raw_read(port, ptr, len);
}

ssize_t
be_tls_write(Port *port, const void *ptr, size_t len, int *waitfor)
{
	*waitfor = WL_SOCKET_WRITEABLE;
	return secure_raw_write(port, ptr, len);
}

int
be_tls_get_cipher_bits(Port *port)
{
	const char *bits = state(port, HOST_TLS_BITS, NULL);

	return bits ? atoi(bits) : 0;
}

const char *
be_tls_get_version(Port *port)
{
	return state(port, HOST_TLS_VERSION, NULL);
}

const char *
be_tls_get_cipher(Port *port)
{
	return state(port, HOST_TLS_CIPHER, NULL);
}

/* copy_name writes a text of the client's certificate in the server's encoding. */
static void
copy_name(Port *port, enum host_tls_item item, char *ptr, size_t len)
{
	char	   *value = certificate_text(port, item);

	strlcpy(ptr, value ? pg_any_to_server(value, strlen(value), PG_UTF8) : "", len);
}

void
be_tls_get_peer_subject_name(Port *port, char *ptr, size_t len)
{
	copy_name(port, HOST_TLS_SUBJECT, ptr, len);
}

void
be_tls_get_peer_issuer_name(Port *port, char *ptr, size_t len)
{
	copy_name(port, HOST_TLS_ISSUER, ptr, len);
}

void
be_tls_get_peer_serial(Port *port, char *ptr, size_t len)
{
	copy_name(port, HOST_TLS_SERIAL, ptr, len);
}

char *
be_tls_get_certificate_hash(Port *port, size_t *len)
{
	int			length = 0;
	char	   *hash = state(port, HOST_TLS_CERTIFICATE_HASH, &length);

	*len = length;
	return length > 0 ? hash : NULL;
}
