/* Runs a program on a processor without AVX-512 and AMX, as far as it can tell: Linux makes CPUID fault
 * (arch_prctl ARCH_SET_CPUID, where the processor allows it), and this library, loaded by LD_PRELOAD,
 * answers in its place with those bits cleared. For benchmarks alone.
 *   cc -O2 -shared -fPIC -o no-avx512.so no-avx512.c && LD_PRELOAD=./no-avx512.so program */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { kSetCpuid = 0x1012 };

static void allow(int yes) { syscall(SYS_arch_prctl, kSetCpuid, yes); }

static struct sigaction others;

static void answer(ucontext_t *context) {
  greg_t *r = context->uc_mcontext.gregs;
  unsigned leaf = (unsigned)r[REG_RAX], part = (unsigned)r[REG_RCX], a, b, c, d;
  allow(1);
  __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(leaf), "c"(part));
  allow(0);
  if (leaf == 7 && part == 0) {
    /* F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT, AMX, FP16 */
    b &= ~(1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31);
    c &= ~(1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14);
    d &= ~(1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25);
  } else if (leaf == 7 && part == 1) {
    a &= ~(1u << 5 | 1u << 21); /* AVX512_BF16, AMX_FP16 */
  }
  r[REG_RAX] = a;
  r[REG_RBX] = b;
  r[REG_RCX] = c;
  r[REG_RDX] = d;
  r[REG_RIP] += 2;
}

static void handle(int number, siginfo_t *info, void *context) {
  const unsigned char *at = (const unsigned char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  if (info->si_code == SI_KERNEL && at[0] == 0x0f && at[1] == 0xa2) {
    answer((ucontext_t *)context);
    return;
  }
  if (others.sa_flags & SA_SIGINFO) {
    others.sa_sigaction(number, info, context);
  } else {
    signal(number, SIG_DFL);
  }
}

/* Programs that put a handler of their own in place get it called for what is not ours. */
int sigaction(int number, const struct sigaction *action, struct sigaction *before) {
  static int (*real)(int, const struct sigaction *, struct sigaction *);
  if (!real) real = (int (*)(int, const struct sigaction *, struct sigaction *))dlsym(RTLD_NEXT, "sigaction");
  if (number != SIGSEGV) return real(number, action, before);
  if (before) *before = others;
  if (action) others = *action;
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  int (*real)(int, const struct sigaction *, struct sigaction *) =
      (int (*)(int, const struct sigaction *, struct sigaction *))dlsym(RTLD_NEXT, "sigaction");
  struct sigaction action = {0};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  real(SIGSEGV, &action, NULL);
  if (syscall(SYS_arch_prctl, kSetCpuid, 0) != 0) {
    fputs("no-avx512: this processor or system cannot make CPUID fault\n", stderr);
    exit(125);
  }
}
