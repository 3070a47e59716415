/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Einsum of one or two operands: axes are brought in order, and a matrix product does the rest. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  char letters[2][CNN_MAX_RANK + 1]; /* of the operands */
  char out[CNN_MAX_RANK + 1];
  guint n_operands;
} Equation;

/* Letters of one term; each at most once, as diagonals are not read. */
static gboolean
parse_term (const char *from, const char *to, char term[CNN_MAX_RANK + 1])
{
  guint n = 0;

  for (; from < to; from++) {
    if (*from == ' ')
      continue;
    if (!g_ascii_isalpha (*from) || n == CNN_MAX_RANK || memchr (term, *from, n) != NULL)
      return FALSE;
    term[n++] = *from;
  }
  term[n] = '\0';
  return TRUE;
}

/* Without an arrow the output has the letters that occur once, in the order of the alphabet. */
static void
implied_output (Equation *equation)
{
  guint n = 0;

  for (int letter = 'A'; letter <= 'z'; letter++) {
    gboolean first = strchr (equation->letters[0], letter) != NULL,
             second = equation->n_operands == 2 && strchr (equation->letters[1], letter) != NULL;

    if (first != second && n < CNN_MAX_RANK)
      equation->out[n++] = (char)letter;
  }
  equation->out[n] = '\0';
}

static gboolean
parse (const char *text, Equation *equation)
{
  const char *arrow = strstr (text, "->"), *end = arrow != NULL ? arrow : text + strlen (text),
             *comma = memchr (text, ',', (gsize)(end - text));

  memset (equation, 0, sizeof *equation);
  equation->n_operands = comma != NULL ? 2 : 1;
  if (!parse_term (text, comma != NULL ? comma : end, equation->letters[0]) ||
      (comma != NULL && !parse_term (comma + 1, end, equation->letters[1])))
    return FALSE;
  if (arrow == NULL)
    implied_output (equation);
  else if (!parse_term (arrow + 2, arrow + strlen (arrow), equation->out))
    return FALSE;
  for (const char *c = equation->out; *c != '\0'; c++)
    if (strchr (equation->letters[0], *c) == NULL && strchr (equation->letters[1], *c) == NULL)
      return FALSE;
  return TRUE;
}

/* A tensor on the way: its value, letters and sizes. */
typedef struct {
  guint value;
  char letters[2 * CNN_MAX_RANK + 1];
  gint64 dims[2 * CNN_MAX_RANK];
} Operand;

static gint64
size_of (const Operand *operand, char letter)
{
  const char *at = strchr (operand->letters, letter);

  return at != NULL ? operand->dims[at - operand->letters] : 0;
}

/* Sums over the axes whose letters are in neither @a nor @b. */
static gboolean
drop_axes (CnnOnnxContext *ctx, Operand *operand, const char *a, const char *b, GError **error)
{
  CnnOpAttrs attrs = { .reduce = { .kind = CNN_REDUCE_SUM } };
  guint kept = 0;

  for (guint i = 0; operand->letters[i] != '\0'; i++) {
    if (strchr (a, operand->letters[i]) == NULL && strchr (b, operand->letters[i]) == NULL) {
      attrs.reduce.axes[attrs.reduce.n_axes++] = i;
      continue;
    }
    operand->letters[kept] = operand->letters[i];
    operand->dims[kept++] = operand->dims[i];
  }
  operand->letters[kept] = '\0';
  if (attrs.reduce.n_axes > 0)
    operand->value = cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &attrs, operand->value, error);
  return operand->value != CNN_NO_VALUE;
}

/* Brings the axes in the order of @letters. */
static gboolean
arrange (CnnOnnxContext *ctx, Operand *operand, const char *letters, GError **error)
{
  guint axes[CNN_MAX_RANK], n = (guint)strlen (letters);
  gint64 dims[CNN_MAX_RANK];
  gboolean moved = FALSE;

  for (guint i = 0; i < n; i++) {
    axes[i] = (guint)(strchr (operand->letters, letters[i]) - operand->letters);
    dims[i] = operand->dims[axes[i]];
    moved |= axes[i] != i;
  }
  if (moved)
    operand->value = cnn_onnx_add_transpose (ctx, operand->value, axes, n, error);
  memcpy (operand->dims, dims, n * sizeof *dims);
  memcpy (operand->letters, letters, n + 1);
  return operand->value != CNN_NO_VALUE;
}

/* The letters of @term that are in @a or not, and in @b or not, behind what @to holds. */
static void
collect (const char *term, const char *a, gboolean in_a, const char *b, gboolean in_b, char *to)
{
  guint n = (guint)strlen (to);

  for (; *term != '\0'; term++)
    if ((strchr (a, *term) != NULL) == in_a && (strchr (b, *term) != NULL) == in_b)
      to[n++] = *term;
  to[n] = '\0';
}

static gint64
product_of (const Operand *operand, const char *letters)
{
  gint64 size = 1;

  for (; *letters != '\0'; letters++)
    size *= size_of (operand, *letters);
  return size;
}

static void
append_dims (CnnShape *shape, const Operand *operand, const char *letters)
{
  for (; *letters != '\0' && shape->rank < CNN_MAX_RANK; letters++)
    shape->dims[shape->rank++] = size_of (operand, *letters);
}

/* Batch axes stay as they are; of the others, those of each kind become one. The first of the left operand's
 * stays alone: it may be the network's own batch. */
static guint
multiply (CnnOnnxContext *ctx, const Equation *equation, Operand *left, Operand *right, GError **error)
{
  char batch[CNN_MAX_RANK + 1] = "", inner[CNN_MAX_RANK + 1] = "", rows[CNN_MAX_RANK + 1] = "",
                            columns[CNN_MAX_RANK + 1] = "", first[2] = "", order[2 * CNN_MAX_RANK + 1];
  CnnShape a = { 0 }, b = { 0 }, whole = { 0 };
  CnnOpAttrs none = { 0 };
  guint inputs[2], product;
  Operand result = { 0 };

  collect (left->letters, right->letters, TRUE, equation->out, TRUE, batch);
  collect (left->letters, right->letters, TRUE, equation->out, FALSE, inner);
  collect (left->letters, right->letters, FALSE, equation->out, TRUE, rows);
  collect (right->letters, left->letters, FALSE, equation->out, TRUE, columns);
  if (*batch == '\0' && strlen (rows) > 1)
    first[0] = rows[0];
  if (strlen (batch) + strlen (rows) + strlen (columns) > CNN_MAX_RANK || strlen (batch) + 2 > CNN_MAX_RANK)
    return cnn_onnx_unsupported (ctx, error, _ ("%s with too many axes"), ctx->node->type);
  append_dims (&a, left, batch);
  b = whole = a;
  append_dims (&a, left, first);
  a.dims[a.rank++] = product_of (left, rows + strlen (first));
  a.dims[a.rank++] = product_of (left, inner);
  b.dims[b.rank++] = product_of (right, inner);
  b.dims[b.rank++] = product_of (right, columns);
  append_dims (&whole, left, rows);
  append_dims (&whole, right, columns);
  g_snprintf (order, sizeof order, "%s%s%s", batch, rows, inner);
  if (!arrange (ctx, left, order, error))
    return CNN_NO_VALUE;
  g_snprintf (order, sizeof order, "%s%s%s", batch, inner, columns);
  if (!arrange (ctx, right, order, error))
    return CNN_NO_VALUE;
  inputs[0] = cnn_onnx_add_reshape (ctx, left->value, &a, error);
  inputs[1] = inputs[0] != CNN_NO_VALUE ? cnn_onnx_add_reshape (ctx, right->value, &b, error) : CNN_NO_VALUE;
  if (inputs[1] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  product = cnn_onnx_add (ctx, CNN_OP_MATMUL, &none, inputs, 2, error);
  if (product == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  result.value = cnn_onnx_add_reshape (ctx, product, &whole, error);
  g_snprintf (result.letters, sizeof result.letters, "%s%s%s", batch, rows, columns);
  memcpy (result.dims, whole.dims, whole.rank * sizeof *whole.dims);
  if (result.value == CNN_NO_VALUE || !arrange (ctx, &result, equation->out, error))
    return CNN_NO_VALUE;
  return result.value;
}

/* What input @i is; FALSE where it does not go with the equation. */
static gboolean
take_operand (CnnOnnxContext *ctx, const Equation *equation, guint i, Operand *operand, GError **error)
{
  const CnnShape *shape = cnn_onnx_in_shape (ctx, i);

  if (shape == NULL || shape->rank != strlen (equation->letters[i])) {
    cnn_onnx_refuse (ctx, error, _ ("has an equation that does not go with its inputs"));
    return FALSE;
  }
  memcpy (operand->letters, equation->letters[i], shape->rank + 1);
  memcpy (operand->dims, shape->dims, shape->rank * sizeof *shape->dims);
  operand->value = cnn_onnx_in_value (ctx, i, error);
  return operand->value != CNN_NO_VALUE;
}

guint
cnn_onnx_emit_einsum (CnnOnnxContext *ctx, GError **error)
{
  g_autofree char *text = cnn_onnx_attr_string (ctx->node, "equation");
  Equation equation;
  Operand operands[2] = { 0 };

  if (text == NULL || !parse (text, &equation) || equation.n_operands != ctx->node->n_inputs)
    return cnn_onnx_unsupported (ctx, error, _ ("%s with the equation “%s”"), ctx->node->type,
                                 text != NULL ? text : "");
  for (guint i = 0; i < equation.n_operands; i++) {
    if (!take_operand (ctx, &equation, i, &operands[i], error) ||
        !drop_axes (ctx, &operands[i], equation.out, equation.letters[1 - i], error))
      return CNN_NO_VALUE;
  }
  if (equation.n_operands == 1)
    return arrange (ctx, &operands[0], equation.out, error) ? operands[0].value : CNN_NO_VALUE;
  for (const char *c = operands[0].letters; *c != '\0'; c++)
    if (strchr (operands[1].letters, *c) != NULL && size_of (&operands[0], *c) != size_of (&operands[1], *c))
      return cnn_onnx_refuse (ctx, error, _ ("has an equation that does not go with its inputs"));
  return multiply (ctx, &equation, &operands[0], &operands[1], error);
}
