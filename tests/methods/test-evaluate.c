/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a network gets wrong: class folders, tables of labels, and the sample digits of which six are misread.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "formats/cnn-model-reader.h"
#include "methods/evaluation/cnn-evaluate.h"
#include "methods/cnn-method.h"

static CnnModel *
read_digits (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "../data/models/digits.h5", NULL);
  g_autoptr (GError) error = NULL;
  CnnModel *model = cnn_model_read (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static void
copy_file (const char *from, const char *folder, const char *name)
{
  g_autofree char *to = g_build_filename (folder, name, NULL), *data = NULL;
  gsize length;

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_get_contents (from, &data, &length, NULL));
  g_assert_true (g_file_set_contents (to, data, (gssize)length, NULL));
}

static void
write_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Calls @each for every sample digit with what is on it. */
static void
each_sample (void (*each) (const char *path, const char *name, int digit, gpointer data), gpointer data)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "../data/samples", NULL);
  g_autoptr (GPtrArray) pictures = cnn_list_pictures (folder, FALSE, NULL, NULL);

  g_assert_nonnull (pictures);
  g_assert_cmpuint (pictures->len, ==, 36);
  for (guint i = 0; i < pictures->len; i++) {
    g_autofree char *name = g_path_get_basename (pictures->pdata[i]);
    const char *digit = strchr (name, '-') + 1;

    each (pictures->pdata[i], name, *digit - '0', data);
  }
}

typedef struct {
  const char *root, *prefix; /* of the digit; "digits": all in one folder of that name */
} Sorting;

static void
sort_sample (const char *path, const char *name, int digit, gpointer data)
{
  const Sorting *sorting = data;
  g_autofree char *class_name = g_str_equal (sorting->prefix, "digits")
                                    ? g_strdup ("digits")
                                    : g_strdup_printf ("%s%d", sorting->prefix, digit);
  g_autofree char *folder = g_build_filename (sorting->root, class_name, NULL);

  copy_file (path, folder, name);
}

static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("cnn-evaluate-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      remove_folder (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

/* Every judgement is what a prediction of that picture alone says. */
static void
check_judgements (CnnModel *model, const CnnEvaluation *evaluation)
{
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < evaluation->judgements->len; i++) {
    const CnnJudgement *judgement = &g_array_index (evaluation->judgements, CnnJudgement, i);
    const CnnTruthItem *item = evaluation->truth->items->pdata[judgement->item];
    g_autoptr (CnnImage) image = cnn_image_read (item->path, NULL, &error);
    g_autoptr (CnnPrediction) prediction = NULL;

    g_assert_true (cnn_session_set_image (session, image, item->path, &error));
    prediction = cnn_predict (session, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (judgement->predicted, ==, prediction->entries[0].class_index);
    g_assert_cmpfloat_with_epsilon (judgement->confidence, prediction->entries[0].probability, 1e-5);
    g_assert_cmpfloat_with_epsilon (judgement->truth_probability, prediction->probabilities[item->truth],
                                    1e-5);
  }
}

static void
check_lists (const CnnEvaluation *evaluation)
{
  g_autoptr (GArray) mistakes = cnn_evaluation_list (evaluation, CNN_SHOW_MISTAKES, CNN_SORT_CONFIDENCE, -1);
  g_autoptr (GArray) by_loss = cnn_evaluation_list (evaluation, CNN_SHOW_ALL, CNN_SORT_LOSS, -1);
  g_autoptr (GArray) of_two = cnn_evaluation_list (evaluation, CNN_SHOW_MISTAKES, CNN_SORT_FILE, 2);
  g_autoptr (GArray) confusions = cnn_evaluation_confusions (evaluation);
  guint sum = 0;

  g_assert_cmpuint (mistakes->len, ==, 6);
  g_assert_cmpuint (by_loss->len, ==, 36);
  /* 1 as 2, 2 as 7, 8 as 2 */
  g_assert_cmpuint (of_two->len, ==, 3);
  for (guint i = 1; i < by_loss->len; i++)
    g_assert_cmpfloat (
        g_array_index (evaluation->judgements, CnnJudgement, g_array_index (by_loss, guint, i - 1)).loss, >=,
        g_array_index (evaluation->judgements, CnnJudgement, g_array_index (by_loss, guint, i)).loss);
  for (guint i = 1; i < mistakes->len; i++)
    g_assert_cmpfloat (
        g_array_index (evaluation->judgements, CnnJudgement, g_array_index (mistakes, guint, i - 1))
            .confidence,
        >=,
        g_array_index (evaluation->judgements, CnnJudgement, g_array_index (mistakes, guint, i)).confidence);
  for (guint i = 0; i < confusions->len; i++)
    sum += g_array_index (confusions, CnnConfusion, i).count;
  g_assert_cmpuint (sum, ==, 6);
}

static gboolean
count_calls (const CnnEvaluation *so_far, gpointer data)
{
  guint *calls = data;

  return ++*calls < 10;
}

static void
test_folders (void)
{
  static const char *const forms[] = { "", "class_", "0" };
  g_autoptr (CnnModel) model = read_digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);

  for (guint f = 0; f < G_N_ELEMENTS (forms); f++) {
    g_autofree char *folder = make_folder ();
    Sorting sorting = { folder, forms[f] };
    g_autoptr (GError) error = NULL;
    g_autoptr (CnnTruth) truth = NULL;
    g_autoptr (CnnEvaluation) evaluation = NULL, stopped = NULL;
    g_autofree char *csv = NULL, *json = NULL;
    guint calls = 0;

    each_sample (sort_sample, &sorting);
    g_assert_true (cnn_truth_is_likely (folder));
    truth = cnn_truth_read (folder, model, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (truth->items->len, ==, 36);
    g_assert_cmpuint (truth->notes->len, ==, 0);
    evaluation = cnn_evaluate (session, truth, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (evaluation->n_right, ==, 30);
    g_assert_cmpuint (evaluation->n_wrong, ==, 6);
    g_assert_cmpuint (evaluation->class_total[8], ==, 4);
    g_assert_cmpuint (evaluation->class_right[8], ==, 3);
    g_assert_cmpfloat_with_epsilon (cnn_evaluation_get_accuracy (evaluation), 30.0 / 36, 1e-9);
    check_lists (evaluation);
    if (f == 0)
      check_judgements (model, evaluation);
    csv = cnn_evaluation_to_csv (evaluation);
    json = cnn_evaluation_to_json (evaluation);
    g_assert_nonnull (strstr (csv, "misread-8-as-2-test-0582.png\",\"8\",\"2\","));
    g_assert_nonnull (strstr (json, "\"right\" : 30"));
    /* asked to stop it keeps what it has: nothing, as the first batch is not full */
    stopped = cnn_evaluate (session, truth, count_calls, &calls, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (calls, ==, 10);
    g_assert_cmpuint (stopped->judgements->len, ==, 0);
    remove_folder (folder);
  }
}

static void
add_row (const char *path, const char *name, int digit, gpointer data)
{
  GString *table = data;

  g_string_append_printf (table, "digits/%s,%d\n", name, digit);
}

/* A table with a heading, a missing file, a label that is none, a file that is not its own and one that is no
 * picture. */
static void
test_table (void)
{
  g_autoptr (CnnModel) model = read_digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autofree char *folder = make_folder (), *digits = g_build_filename (folder, "digits", NULL);
  Sorting sorting = { folder, "digits" };
  g_autoptr (GString) table = g_string_new ("file,label\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnTruth) truth = NULL;
  g_autoptr (CnnEvaluation) evaluation = NULL;
  g_autofree char *csv = NULL;

  each_sample (sort_sample, &sorting);
  each_sample (add_row, table);
  g_string_append (table, "digits/none.png,3\n\"digits/bad.png\";\"7\"\n../../etc/passwd,1\n"
                          "digits/misread-1-as-2-test-3073.png,cat\n\n");
  write_text (digits, "bad.png", "no picture");
  write_text (folder, "labels.csv", table->str);
  truth = cnn_truth_read (folder, model, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (truth->items->len, ==, 37);
  g_assert_cmpuint (truth->notes->len, ==, 3);
  evaluation = cnn_evaluate (session, truth, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (evaluation->n_right, ==, 30);
  g_assert_cmpuint (evaluation->n_failed, ==, 1);
  csv = cnn_evaluation_to_csv (evaluation);
  g_assert_nonnull (strstr (csv, "unreadable"));
  remove_folder (folder);
}

/* Labels with blanks and case; folders by order where no name fits; nothing that fits. */
static void
test_names (void)
{
  static const char *const labels[] = {
    "Golden Retriever", "tench, Tinca tinca", "2nd", "d", "e", "f", "g", "h", "i", "j", NULL
  };
  g_autoptr (CnnModel) digits = read_digits ();
  g_autoptr (CnnModel) model = cnn_model_with_labels (digits, labels, NULL);
  g_autofree char *folder = make_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnTruth) truth = NULL;

  g_assert_cmpint (cnn_truth_match_class (model, "golden_retriever"), ==, 0);
  g_assert_cmpint (cnn_truth_match_class (model, "GOLDEN-RETRIEVER"), ==, 0);
  g_assert_cmpint (cnn_truth_match_class (model, "Tench"), ==, 1);
  g_assert_cmpint (cnn_truth_match_class (model, "2nd"), ==, 2);
  g_assert_cmpint (cnn_truth_match_class (model, "5"), ==, 5);
  g_assert_cmpint (cnn_truth_match_class (model, "Label 05"), ==, 5);
  g_assert_cmpint (cnn_truth_match_class (model, "03_golden retriever"), ==, 0);
  g_assert_cmpint (cnn_truth_match_class (model, "10"), ==, -1);
  g_assert_cmpint (cnn_truth_match_class (model, ""), ==, -1);
  g_assert_cmpint (cnn_truth_match_class (model, "99999999999999999999"), ==, -1);
  for (guint i = 0; i < 10; i++) {
    g_autofree char *name = g_strdup_printf ("animal %c", 'a' + i),
                    *path = g_build_filename (folder, name, NULL);

    write_text (path, "x.png", "");
    if (i == 3) {
      /* four folders for ten classes, none known */
      g_assert_null (cnn_truth_read (folder, model, NULL, &error));
      g_assert_error (error, CNN_ERROR, CNN_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, "animal a"));
      g_clear_error (&error);
    }
  }
  truth = cnn_truth_read (folder, model, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (truth->items->len, ==, 10);
  g_assert_cmpint (((CnnTruthItem *)truth->items->pdata[4])->truth, ==, 4);
  g_assert_cmpstr (cnn_truth_get_name (truth, model, 4), ==, "animal e");
  g_assert_cmpuint (truth->notes->len, ==, 1);
  remove_folder (folder);
  g_assert_null (cnn_truth_read (folder, model, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/folders", test_folders);
  g_test_add_func ("/evaluate/table", test_table);
  g_test_add_func ("/evaluate/names", test_names);
  return g_test_run ();
}
