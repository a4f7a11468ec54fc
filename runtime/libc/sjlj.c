#include <stdint.h>

/* The second result of saveSetjmp and testSetjmp, which Emscripten keeps outside the module. */
static unsigned second;

void setTempRet0(unsigned value) { second = value; }
unsigned getTempRet0(void) { return second; }

/*
 * A function that calls setjmp keeps a table of the calls. Emscripten adds an entry with each call and looks for the end of the table
 * from its beginning, so that a loop takes a time that grows with the square of its rounds: psql calls sigsetjmp for each line of a
 * script. A call at the same place with the same buffer takes the entry of the one before, to which nothing can jump any more.
 */


struct entry
{
	uintptr_t id; /* what the buffer holds; 0 ends the table */
	uint32_t label;
};

extern struct entry *__real_saveSetjmp(uintptr_t *env, uint32_t label, struct entry *table, uint32_t size);

struct entry *
__wrap_saveSetjmp(uintptr_t *env, uint32_t label, struct entry *table, uint32_t size)
{
	for (uint32_t i = 0; i < size && table[i].id != 0; i++)
		if (table[i].id == *env && table[i].label == label)
		{
			setTempRet0(size);
			return table;
		}
	return __real_saveSetjmp(env, label, table, size);
}
