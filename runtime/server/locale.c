/*
 * musl takes any name of a locale and sorts, classifies and formats as in C.UTF-8. Dumps from elsewhere name such locales and must load,
 * so the server takes the names too, but whoever gives one is told. Linked with --wrap of each function below.
 */
#include "postgres.h"

#include <locale.h>

#include "access/parallel.h"
#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/guc.h"

/* known reports whether the locale is one of those that there are. */
static bool
known(const char *name)
{
	return !*name || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 ||
		pg_strcasecmp(name, "C.UTF-8") == 0 || pg_strcasecmp(name, "C.UTF8") == 0;
}

extern bool __real_check_locale(int category, const char *locale, char **canonname);

/* CREATE DATABASE asks for LC_COLLATE; the parameters lc_* are below. */
bool
__wrap_check_locale(int category, const char *locale, char **canonname)
{
	bool		ok = __real_check_locale(category, locale, canonname);

	if (ok && category == LC_COLLATE && !known(locale))
		ereport(WARNING,
				(errmsg("locale \"%s\" is not part of pglite's runtime: this database sorts text as C does, by code point", locale),
				 errhint("The name is kept, so that dumps load here and elsewhere.")));
	return ok;
}

/* A parallel worker takes the leader's parameters over, about which the leader was told. */
static bool
check_parameter(bool ok, const char *parameter, const char *locale, GucSource source)
{
	if (ok && source == PGC_S_SESSION && !InitializingParallelWorker && !known(locale))
		ereport(NOTICE,
				(errmsg("locale \"%s\" is not part of pglite's runtime: \"%s\" formats as C does", locale, parameter)));
	return ok;
}

#define CHECK(function, parameter) \
	extern bool __real_##function(char **newval, void **extra, GucSource source); \
	bool \
	__wrap_##function(char **newval, void **extra, GucSource source) \
	{ \
		return check_parameter(__real_##function(newval, extra, source), parameter, *newval, source); \
	}

CHECK(check_locale_monetary, "lc_monetary")
CHECK(check_locale_numeric, "lc_numeric")
CHECK(check_locale_time, "lc_time")

#define PARAMETERS const char *name, Oid namespace, Oid owner, char provider, bool deterministic, int32 encoding, \
	const char *collate, const char *ctype, const char *locale, const char *icu_rules, const char *version, bool if_not_exists, bool quiet

extern Oid	__real_CollationCreate(PARAMETERS);

Oid
__wrap_CollationCreate(PARAMETERS)
{
	if (provider == COLLPROVIDER_LIBC && !quiet && collate && !known(collate))
		ereport(WARNING,
				(errmsg("locale \"%s\" is not part of pglite's runtime: collation \"%s\" sorts text as C does, by code point", collate, name)));
	return __real_CollationCreate(name, namespace, owner, provider, deterministic, encoding,
								  collate, ctype, locale, icu_rules, version, if_not_exists, quiet);
}
