/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sanitizers are to let pass in tests that hand damaged files to HDF5. */

/* HDF5 asks for the memory that a damaged file claims and copes with not getting it; the sanitizer should not
 * stop there. */
const char *__asan_default_options (void);
const char *
__asan_default_options (void)
{
  return "allocator_may_return_null=1";
}

/* nor at what it loses itself when it gives a damaged file up */
const char *__lsan_default_suppressions (void);
const char *
__lsan_default_suppressions (void)
{
  return "leak:libhdf5";
}
