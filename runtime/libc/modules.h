/* The table of the loadable modules that are linked in; the build generates it. */
#ifndef PGLITE_MODULES_H
#define PGLITE_MODULES_H

struct pglite_symbol
{
	const char *library;
	const char *name;
	const void *address;
};

extern const struct pglite_symbol pglite_symbols[];
extern const unsigned pglite_symbol_count;

#endif
