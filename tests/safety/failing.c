/* An allocator, to be preloaded, that fails on demand where the compiled core allocates: nomemory.py drives it.

An allocation is the core's when, going up the stack, its library is met before the interpreter running Python code:
so what the core asks CPython to make counts, and what Python code does on its own does not, because CPython itself
does not survive the failure of each of its allocations. It wants PYTHONMALLOC=malloc, so that all of them come here. */

#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static uintptr_t core_start, core_end;
static uintptr_t loop, call; /* the evaluation loop, and what sets it going for a function called from C */
static long counted, first_failing, stop_failing; /* none fails while first_failing is 0 */
static __thread int inside;

static int find_core(struct dl_phdr_info *library, size_t size, void *name) {
    (void)size;
    if (strcmp(library->dlpi_name, name) != 0) return 0;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        core_start = library->dlpi_addr + part->p_vaddr;
        core_end = core_start + part->p_memsz;
        return 1;
    }
    return 0;
}

static uintptr_t function_of(struct _Unwind_Context *context) {
    return (uintptr_t)_Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1));
}

static _Unwind_Reason_Code find_call(struct _Unwind_Context *context, void *met) {
    if (*(int *)met) {
        call = function_of(context);
        return _URC_NORMAL_STOP;
    }
    *(int *)met = function_of(context) == loop;
    return _URC_NO_REASON;
}

/* Say where the core is, by its file name, and the evaluation loop, by its address. To be called from a Python
   function that C calls. 0: there is no such library. */
int failing_prepare(const char *core, void *address) {
    int met = 0;
    loop = (uintptr_t)address;
    _Unwind_Backtrace(find_call, &met);
    return dl_iterate_phdr(find_core, (void *)core) && call;
}

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *found) {
    uintptr_t address = (uintptr_t)_Unwind_GetIP(context), function;
    if (address >= core_start && address < core_end) {
        *(int *)found = 1;
        return _URC_NORMAL_STOP;
    }
    function = function_of(context);
    return function == loop || function == call ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

static int fails(void) {
    int core = 0;
    if (!first_failing || inside) return 0;
    inside = 1;
    _Unwind_Backtrace(look, &core);
    inside = 0;
    if (!core) return 0;
    counted++;
    if (counted < first_failing || (stop_failing && counted >= stop_failing)) return 0;
    errno = ENOMEM;
    return 1;
}

/* From now on the core's allocations fail, from number `first` to before number `stop`; 0 is no end. */
void failing_start(long first, long stop) {
    counted = 0;
    stop_failing = stop;
    first_failing = first;
}

/* Let them succeed again; return how many there were. */
long failing_stop(void) {
    first_failing = 0;
    return counted;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *block, size_t size) { return fails() ? NULL : __libc_realloc(block, size); }
