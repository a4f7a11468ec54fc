/*
 * Functions for the differential tests: each takes an int and returns an int
 * or a double. They use float selects, loops of all kinds, switches, data,
 * recursion with a stack check, and 64-bit and unsigned arithmetic.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

static const char words[] = "the quick brown fox jumps over the lazy dog";
static double table[16] = {1.5, -2.25, 3.125, 0.0, -0.0, 1e300, 1e-300, 42.0};
static u32 state[4] = {1, 2, 3, 4};
static int hooked;
static char scratch[4096];

void *memcpy(void *to, const void *from, unsigned long n)
{
	u8 *t = to;
	const u8 *f = from;
	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, unsigned long n)
{
	u8 *t = to;
	while (n--)
		*t++ = (u8) c;
	return to;
}

void hook(void) { hooked++; }

__attribute__((noinline)) int stack_left(void)
{
	volatile char here;
	return (int) (long) &here;
}

__attribute__((noinline)) void check_stack_depth(void)
{
	state[3] += stack_left() == 0;
}

double double_selects(int n)
{
	double least = 1e9, most = -1e9, sum = 0;
	for (int i = 0; i < 16; i++)
	{
		double x = table[i] * n + i;
		least = x < least ? x : least;
		most = x > most ? x : most;
		sum += (i & n) ? least : most;
		table[(i + 8) & 15] = x > 0 ? x * 0.5 : sum;
	}
	return least + most + sum;
}

int float_selects(int n)
{
	float a = n * 0.25f, b = 3.0f, c = -1.0f;
	for (int i = 0; i < (n & 63); i++)
	{
		float t = a > b ? b : c;
		c = (i ^ n) & 1 ? a : t;
		b = c < t ? a + i : b - 1;
		a = t;
	}
	return (int) (a * 8 + b * 4 + c * 2);
}

static int recurse(int n, int *out)
{
	int local[8];
	check_stack_depth();
	if (n <= 0)
		return *out;
	for (int i = 0; i < 8; i++)
		local[i] = n * i + *out;
	if (n % 3 == 0)
		return recurse(n - 1, &local[n & 7]) + 1;
	if (n % 5 == 0)
		return local[3];
	return recurse(n - 1, &local[1]) ^ local[2];
}

int recursion(int n)
{
	int start = n;
	return recurse(n & 255, &start);
}

int switches(int n)
{
	int total = 0;
	for (u32 i = 0; i < (u32) (n & 127); i++)
	{
		switch ((i * 7 + n) % 11)
		{
			case 0: total += 5; break;
			case 1: total ^= (int) i; continue;
			case 2: total -= 3; /* fall through */
			case 3: total *= 3; break;
			case 7: if (total > 1000000) return total; break;
			case 9: goto done;
			default: total++;
		}
		while (total > 100000)
			total /= 2;
	}
done:
	return total;
}

int texts(int n)
{
	char copy[sizeof words];
	memcpy(copy, words, sizeof words);
	u32 hash = 2166136261u;
	for (int round = 0; round <= (n & 15); round++)
		for (char *p = copy; *p; p++)
		{
			hash = (hash ^ (u8) *p) * 16777619u;
			*p = (char) ('a' + hash % 26);
		}
	memcpy(scratch + (n & 1023), copy, sizeof copy);
	return (int) hash + scratch[(n * 7) & 4095];
}

int wide(int n)
{
	u64 x = 0x9e3779b97f4a7c15ull * (u32) (n + 1);
	for (int i = 0; i < 50; i++)
	{
		x ^= x >> 30;
		x *= 0xbf58476d1ce4e5b9ull;
		state[i & 3] += (u32) (x >> 17);
		x = (x & 1) ? x + state[0] : x - state[1];
	}
	return (int) (x ^ (x >> 32));
}

#ifdef __wasm_atomics__
int atomics(int n)
{
	for (int i = 0; i < 10; i++)
		__atomic_fetch_add(&state[i & 3], (u32) n, __ATOMIC_SEQ_CST);
	u32 expected = state[1];
	__atomic_compare_exchange_n(&state[1], &expected, 99, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return (int) __atomic_exchange_n(&state[2], 5, __ATOMIC_SEQ_CST);
}
#endif
