/*
 * Included before everything else, in the libc and in PostgreSQL alike: a time_t of 64 bits.
 * The headers of Emscripten 3.1.6 define it as long, which has 32 bits and ends in 2038.
 */
#ifndef PGLITE_TIME64_H
#define PGLITE_TIME64_H
#ifndef __ASSEMBLER__
typedef long long time_t;
#define __DEFINED_time_t
#endif
#endif
