/* Names that musl uses inside: they lead to this folder's functions, which know the host's layouts. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file's bytes in memory: for time zones and message catalogues. */
const unsigned char *
__map_file(const char *path, size_t *size)
{
	struct stat st;
	void *map = MAP_FAILED;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0)
	{
		*size = st.st_size;
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}

int
__munmap(void *address, size_t length)
{
	return munmap(address, length);
}

/* For sysconf: the most that the memory can grow to, the linker's --max-memory. */
size_t
emscripten_get_heap_max(void)
{
	return 2147418112;
}
