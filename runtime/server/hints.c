/*
 * Hints of PostgreSQL's that cannot be followed here, and what can be done. Linked with -Wl,--wrap=errhint.
 */
#include <string.h>

/* A function with variable arguments takes their address as a last parameter. */
extern int __real_errhint(const char *format, const void *arguments);

static const struct
{
	const char *hint;
	const char *here;
}	hints[] = {
	{"The extension must first be installed on the system where PostgreSQL is running.",
	"pglite's runtime has the extensions that pg_available_extensions and \"pglite extension list\" show; others cannot be added to it."},
	{"COPY FROM instructs the PostgreSQL server process to read a file. You may want a client-side facility such as psql's \\copy.",
	"COPY FROM instructs the PostgreSQL server process to read a file. You may want a client-side facility such as psql's \\copy. "
	"The server sees files of the host only in its data directory and in what --mount HOSTDIR:GUESTDIR shows it."},
	{"COPY TO instructs the PostgreSQL server process to write a file. You may want a client-side facility such as psql's \\copy.",
	"COPY TO instructs the PostgreSQL server process to write a file. You may want a client-side facility such as psql's \\copy. "
	"The server sees files of the host only in its data directory and in what --mount HOSTDIR:GUESTDIR shows it."},
};

int
__wrap_errhint(const char *format, const void *arguments)
{
	for (unsigned i = 0; i < sizeof hints / sizeof *hints; i++)
		if (strcmp(format, hints[i].hint) == 0)
			return __real_errhint("%s", &hints[i].here);
	return __real_errhint(format, arguments);
}
