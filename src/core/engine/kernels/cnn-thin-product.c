/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-thin-product.h"

#include "engine/steps/cnn-dnnl.h"

#include <omp.h>
#include <string.h>

/* Between so many rows (measured); beyond, the library's copy is worth it. */
#define FEWEST_ROWS 3
#define MOST_ROWS 64

#if defined(__x86_64__)

#include <immintrin.h>

/* A tile is up to ROWS rows by COLUMNS outputs: as many sums as the 32 registers hold beside what is read. */
#define ROWS 6
#define COLUMNS 4
#define LANES 16
/* Floats of @x that stay in the second cache while all weights pass by. */
#define CHUNK_BUDGET (256 << 10)

gboolean
cnn_thin_product_suits (gint64 n)
{
  return n >= FEWEST_ROWS && n <= MOST_ROWS && cnn_dnnl_block () == LANES;
}

/* GCC 12 takes the undefined register in its own header for a mistake */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

/* Adds the product of @size inputs to a tile; @rows, @columns: constants wherever it is inlined. @ahead: the
 * weights of the next tiles or NULL: they lie pages apart, where no processor looks ahead by itself. */
__attribute__ ((target ("avx512f"), always_inline)) static inline void
add_tile (const float *weights, const float *ahead, const float *x, float *y, gint64 inputs, gint64 outputs,
          gint64 size, const int rows, const int columns)
{
  __m512 sums[ROWS][COLUMNS];
  gint64 i = 0;

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int c = 0; c < columns; c++)
      sums[r][c] = _mm512_setzero_ps ();
  for (; i < size; i += LANES) {
    __mmask16 mask = (__mmask16)(size - i >= LANES ? 0xffff : (1u << (size - i)) - 1);
    __m512 w[COLUMNS];

#pragma GCC unroll 8
    for (int c = 0; c < columns; c++) {
      w[c] = _mm512_maskz_loadu_ps (mask, weights + c * inputs + i);
      if (ahead != NULL)
        _mm_prefetch (ahead + c * inputs + i, _MM_HINT_T1);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
      __m512 row = _mm512_maskz_loadu_ps (mask, x + r * inputs + i);

#pragma GCC unroll 8
      for (int c = 0; c < columns; c++)
        sums[r][c] = _mm512_fmadd_ps (row, w[c], sums[r][c]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int c = 0; c < columns; c++)
      y[r * outputs + c] += _mm512_reduce_add_ps (sums[r][c]);
}

#define CASE(n)                                                                                              \
  case n:                                                                                                    \
    if (columns == COLUMNS && ahead != NULL)                                                                 \
      add_tile (weights, ahead, x, y, inputs, outputs, size, n, COLUMNS);                                    \
    else if (columns == COLUMNS)                                                                             \
      add_tile (weights, NULL, x, y, inputs, outputs, size, n, COLUMNS);                                     \
    else                                                                                                     \
      for (gint64 c = 0; c < columns; c++)                                                                   \
        add_tile (weights + c * inputs, NULL, x, y + c, inputs, outputs, size, n, 1);                        \
    break

__attribute__ ((target ("avx512f"))) static void
add_rows (const float *weights, const float *ahead, const float *x, float *y, gint64 inputs, gint64 outputs,
          gint64 size, gint64 rows, gint64 columns)
{
  switch (rows) {
    CASE (1);
    CASE (2);
    CASE (3);
    CASE (4);
    CASE (5);
    CASE (6);
  default:
    g_assert_not_reached ();
  }
}

#undef CASE

#pragma GCC diagnostic pop

/* Some @columns of all rows, which are shared out evenly between tiles. */
static void
add_columns (const float *weights, const float *ahead, const float *x, float *y, gint64 n, gint64 inputs,
             gint64 outputs, gint64 size, gint64 columns)
{
  gint64 tiles = (n + ROWS - 1) / ROWS;

  for (gint64 t = 0, row = 0; t < tiles; t++) {
    gint64 next = n * (t + 1) / tiles;

    add_rows (weights, t == 0 ? ahead : NULL, x + row * inputs, y + row * outputs, inputs, outputs, size,
              next - row, columns);
    row = next;
  }
}

void
cnn_thin_product (const float *weights, const float *x, float *y, gint64 n, gint64 inputs, gint64 outputs)
{
  gint64 chunk = MAX (CHUNK_BUDGET / (gint64)sizeof (float) / n, 256) / LANES * LANES;
  gint64 groups = (outputs + COLUMNS - 1) / COLUMNS;

  memset (y, 0, (gsize)(n * outputs) * sizeof (float));
#pragma omp parallel
  {
    gint64 threads = omp_get_num_threads (), thread = omp_get_thread_num ();

    for (gint64 k = 0; k < inputs; k += chunk)
      for (gint64 g = groups * thread / threads; g < groups * (thread + 1) / threads; g++) {
        gint64 o = g * COLUMNS;
        gboolean has_next = o + 2 * COLUMNS <= outputs;

        add_columns (weights + o * inputs + k, has_next ? weights + (o + COLUMNS) * inputs + k : NULL, x + k,
                     y + o, n, inputs, outputs, MIN (chunk, inputs - k), MIN (COLUMNS, outputs - o));
      }
  }
}

#else

gboolean
cnn_thin_product_suits (gint64 n)
{
  return FALSE;
}

void
cnn_thin_product (const float *weights, const float *x, float *y, gint64 n, gint64 inputs, gint64 outputs)
{
  g_assert_not_reached ();
}

#endif
