/* The second result of saveSetjmp and testSetjmp, which Emscripten keeps outside the module. */
static unsigned second;

void setTempRet0(unsigned value) { second = value; }
unsigned getTempRet0(void) { return second; }
