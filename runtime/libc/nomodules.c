/* The table of a program without loadable modules. */
#include "modules.h"

const struct pglite_symbol pglite_symbols[1];
const unsigned pglite_symbol_count = 0;
