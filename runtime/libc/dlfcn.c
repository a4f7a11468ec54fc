/*
 * Loadable modules. They are linked in; a generated table, sorted by library and name, tells
 * what each of them defines.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "modules.h"

static char message[256];
static int failed;

char *
dlerror(void)
{
	if (!failed)
		return NULL;
	failed = 0;
	return message;
}

static int
compare(const struct pglite_symbol *s, const char *library, size_t length, const char *name)
{
	int r = strncmp(s->library, library, length);

	if (r == 0 && s->library[length])
		r = 1;
	return r ? r : (name ? strcmp(s->name, name) : 0);
}

static const struct pglite_symbol *
find(const char *library, size_t length, const char *name)
{
	unsigned low = 0, high = pglite_symbol_count;

	while (low < high)
	{
		unsigned middle = (low + high) / 2;
		int r = compare(&pglite_symbols[middle], library, length, name);

		if (r == 0)
			return &pglite_symbols[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The handle of a library is its name in the table. */
void *
dlopen(const char *path, int flags)
{
	const char *base = path ? strrchr(path, '/') : NULL;
	const struct pglite_symbol *s;
	size_t length;

	base = base ? base + 1 : path;
	if (!base)
		base = "";
	length = strlen(base);
	if (length > 3 && strcmp(base + length - 3, ".so") == 0)
		length -= 3;
	s = find(base, length, NULL);
	if (s)
		return (void *) s->library;
	snprintf(message, sizeof message, "library \"%.*s\" is not part of this runtime", (int) length, base);
	failed = 1;
	return NULL;
}

void *
dlsym(void *restrict handle, const char *restrict name)
{
	const char *library = handle;
	const struct pglite_symbol *s = library ? find(library, strlen(library), name) : NULL;

	if (s)
		return (void *) s->address;
	snprintf(message, sizeof message, "undefined symbol: %s", name);
	failed = 1;
	return NULL;
}

int
dlclose(void *handle)
{
	return 0;
}
