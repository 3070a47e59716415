/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/cnn-image.h"

#include <math.h>

static const guint8 orange[] = { 255, 128, 0, 255 };

static void
apply_pixel (const char *text, guint channels, float *out)
{
  g_autoptr (CnnImage) image = cnn_image_new (1, 1, orange);
  g_autoptr (GError) error = NULL;
  CnnPreprocess preprocess = { 0 };

  cnn_preprocess_parse (&preprocess, text, &error);
  g_assert_no_error (error);
  cnn_preprocess_apply (&preprocess, image, channels, 1, 1, NULL, out);
}

static void
check_pixel (const char *text, double a, double b, double c)
{
  float out[3];

  apply_pixel (text, 3, out);
  g_assert_cmpfloat_with_epsilon (out[0], a, 1e-5);
  g_assert_cmpfloat_with_epsilon (out[1], b, 1e-5);
  g_assert_cmpfloat_with_epsilon (out[2], c, 1e-5);
}

static void
test_presets (void)
{
  float gray;

  check_pixel ("none", 255, 128, 0);
  check_pixel ("unit", 1, 128 / 255.0, 0);
  check_pixel ("signed", 1, 128 / 127.5 - 1, -1);
  check_pixel ("imagenet", (1 - 0.485) / 0.229, (128 / 255.0 - 0.456) / 0.224, -0.406 / 0.225);
  check_pixel ("caffe", 0 - 103.939, 128 - 116.779, 255 - 123.68);
  check_pixel ("scale=1,mean=5,std=2", 125, 61.5, -2.5);
  check_pixel ("scale=1,mean=1,2,3,std=1,2,4", 254, 63, -0.75);
  check_pixel ("scale=1,mean=1:2:3,bgr=yes", -1, 126, 252);
  check_pixel ("none,invert=yes", 0, 127, 255);
  check_pixel ("scale=1/255", 1, 128 / 255.0, 0);
  check_pixel ("none,gray=yes", 0.299 * 255 + 0.587 * 128, 0.299 * 255 + 0.587 * 128,
               0.299 * 255 + 0.587 * 128);
  apply_pixel ("none", 1, &gray);
  g_assert_cmpfloat_with_epsilon (gray, 0.299 * 255 + 0.587 * 128, 1e-3);
}

static void
test_text (void)
{
  static const char *const good[] = { "unit",           "signed",
                                      "imagenet",       "caffe",
                                      "none",           "unit,invert=yes",
                                      "scale=2,mean=3", "scale=1,mean=1:2:3:4,std=4:3:2:1,bgr=yes",
                                      "none,mean=7",    "caffe,gray=yes" };
  static const char *const bad[] = {
    "",          "half",         "scale=",          "scale=a", "mean=1:2:3:4:5",
    "std=0",     "scale=0",      "scale=1,bgr=huh", "unit,3",  "scale=1/0",
    "scale=nan", "unit,colour=1"
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    CnnPreprocess first = { .fit = CNN_FIT_PAD }, again = { 0 };
    g_autofree char *text = NULL;
    g_autofree char *second = NULL;
    g_autoptr (GError) error = NULL;

    cnn_preprocess_parse (&first, good[i], &error);
    g_assert_no_error (error);
    g_assert_cmpint (first.fit, ==, CNN_FIT_PAD);
    text = cnn_preprocess_to_string (&first);
    cnn_preprocess_parse (&again, text, &error);
    g_assert_no_error (error);
    second = cnn_preprocess_to_string (&again);
    g_assert_cmpstr (text, ==, second);
    g_assert_cmpint (first.kind, ==, again.kind);
    g_assert_cmpint (first.bgr, ==, again.bgr);
    g_assert_cmpint (first.invert, ==, again.invert);
    g_assert_cmpint (first.gray, ==, again.gray);
    g_assert_true (cnn_preprocess_equal (&first, &again) == (again.fit == CNN_FIT_PAD));
    g_assert_cmpfloat (first.scale, ==, again.scale);
    for (guint c = 0; c < 4; c++) {
      g_assert_cmpfloat (first.mean[c], ==, again.mean[c]);
      g_assert_cmpfloat (first.std[c], ==, again.std[c]);
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    CnnPreprocess kept;
    g_autoptr (GError) error = NULL;

    cnn_preprocess_init (&kept, CNN_PREPROCESS_SIGNED);
    g_assert_false (cnn_preprocess_parse (&kept, bad[i], &error));
    g_assert_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT);
    g_assert_cmpint (kept.kind, ==, CNN_PREPROCESS_SIGNED);
  }
}

/* Networks of other numbers of channels: a half transparent orange pixel over white is (255, 192, 128). */
static void
test_channels (void)
{
  static const guint8 pixel[] = { 255, 128, 0, 127 };
  static const double flat[] = { 255, 192, 128 };
  g_autoptr (CnnImage) image = cnn_image_new (1, 1, pixel);
  double gray = 0.299 * 255 + 0.587 * 128;
  CnnPreprocess preprocess = { 0 };
  float out[7];

  cnn_preprocess_parse (&preprocess, "scale=1,mean=0:1:2:3", NULL);
  cnn_preprocess_apply (&preprocess, image, 1, 1, 1, NULL, out);
  g_assert_cmpfloat_with_epsilon (out[0], 0.299 * flat[0] + 0.587 * flat[1] + 0.114 * flat[2], 1e-3);
  cnn_preprocess_apply (&preprocess, image, 2, 1, 1, NULL, out);
  g_assert_cmpfloat_with_epsilon (out[0], gray, 1e-3);
  g_assert_cmpfloat (out[1], ==, 127 - 1);
  cnn_preprocess_apply (&preprocess, image, 3, 1, 1, NULL, out);
  for (guint c = 0; c < 3; c++)
    g_assert_cmpfloat (out[c], ==, flat[c] - (double)c);
  cnn_preprocess_apply (&preprocess, image, 4, 1, 1, NULL, out);
  for (guint c = 0; c < 4; c++)
    g_assert_cmpfloat (out[c], ==, pixel[c] - (double)c);
  cnn_preprocess_apply (&preprocess, image, 7, 1, 1, NULL, out);
  for (guint c = 0; c < 7; c++)
    g_assert_cmpfloat (out[c], ==, flat[c % 3] - (double)(c % 3));
  preprocess.bgr = TRUE;
  cnn_preprocess_apply (&preprocess, image, 4, 1, 1, NULL, out);
  g_assert_cmpfloat (out[0], ==, 0);
  g_assert_cmpfloat (out[2], ==, 255 - 2);
  g_assert_cmpfloat (out[3], ==, 127 - 3);
}

static void
test_range (void)
{
  CnnPreprocess preprocess;
  float low, high;

  cnn_preprocess_init (&preprocess, CNN_PREPROCESS_SIGNED);
  cnn_preprocess_range (&preprocess, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, -1, 1e-6);
  g_assert_cmpfloat_with_epsilon (high, 1, 1e-6);
  cnn_preprocess_init (&preprocess, CNN_PREPROCESS_CAFFE);
  preprocess.invert = TRUE;
  cnn_preprocess_range (&preprocess, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, -123.68, 1e-4);
  g_assert_cmpfloat_with_epsilon (high, 255 - 103.939, 1e-4);
}

/* A picture of 8x4: left half dark, right half bright. */
static CnnImage *
halves (void)
{
  guint8 rgba[8 * 4 * 4];

  for (guint i = 0; i < 8 * 4; i++) {
    rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = i % 8 < 4 ? 10 : 200;
    rgba[4 * i + 3] = 255;
  }
  return cnn_image_new (8, 4, rgba);
}

static void
test_fit (void)
{
  g_autoptr (CnnImage) image = halves ();
  CnnPreprocess preprocess;
  float out[16];

  cnn_preprocess_init (&preprocess, CNN_PREPROCESS_NONE);
  cnn_preprocess_apply (&preprocess, image, 1, 4, 4, NULL, out);
  g_assert_cmpfloat (out[0], ==, 10);
  g_assert_cmpfloat (out[3], ==, 200);
  /* the middle 4x4 */
  preprocess.fit = CNN_FIT_CROP;
  cnn_preprocess_apply (&preprocess, image, 1, 4, 4, NULL, out);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpfloat (out[i], ==, i % 4 < 2 ? 10 : 200);
  /* the whole in the middle, a black row above and below */
  preprocess.fit = CNN_FIT_PAD;
  cnn_preprocess_apply (&preprocess, image, 1, 4, 4, NULL, out);
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpfloat (out[i], ==, 0);
    g_assert_cmpfloat (out[12 + i], ==, 0);
  }
  g_assert_cmpfloat (out[4], ==, 10);
  g_assert_cmpfloat (out[7], ==, 200);
}

/* The middle 7/8 of the cropped picture: of a ramp of 256 the network of 224 sees 16 to 239. */
static void
test_center (void)
{
  g_autofree guint8 *rgba = g_malloc (256 * 256 * 4);
  g_autofree float *out = g_new (float, 224 * 224);
  g_autoptr (CnnImage) image = NULL;
  CnnPreprocess preprocess;

  for (guint i = 0; i < 256 * 256; i++) {
    rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = (guint8)(i % 256);
    rgba[4 * i + 3] = 255;
  }
  image = cnn_image_new (256, 256, rgba);
  cnn_preprocess_init (&preprocess, CNN_PREPROCESS_NONE);
  preprocess.fit = CNN_FIT_CENTER;
  cnn_preprocess_apply (&preprocess, image, 1, 224, 224, NULL, out);
  g_assert_cmpfloat (out[0], ==, 16);
  g_assert_cmpfloat (out[223], ==, 239);
  g_assert_cmpfloat (out[224 * 223 + 100], ==, 116);
}

/* A picture of one row or column to a square network: only what is needed is made. */
static void
test_elongated (void)
{
  g_autofree guint8 *rgba = g_malloc (16384 * 4);
  g_autofree float *out = g_new (float, 3 * 224 * 224);

  memset (rgba, 255, 16384 * 4);
  for (guint turned = 0; turned < 2; turned++) {
    g_autoptr (CnnImage) image = cnn_image_new (turned ? 1 : 16384, turned ? 16384 : 1, rgba);

    for (guint fit = 0; fit < CNN_N_FITS; fit++) {
      CnnPreprocess preprocess;

      cnn_preprocess_init (&preprocess, CNN_PREPROCESS_NONE);
      preprocess.fit = (CnnFit)fit;
      cnn_preprocess_apply (&preprocess, image, 3, 224, 224, NULL, out);
      g_assert_cmpfloat (out[224 * 111 + 111], ==, 255);
    }
  }
}

static void
test_inverse (void)
{
  static const CnnPreprocessKind kinds[] = { CNN_PREPROCESS_UNIT, CNN_PREPROCESS_SIGNED,
                                             CNN_PREPROCESS_IMAGENET, CNN_PREPROCESS_CAFFE,
                                             CNN_PREPROCESS_NONE };
  guint8 rgba[16 * 4];
  g_autoptr (CnnImage) image = NULL;

  for (guint i = 0; i < sizeof rgba; i++)
    rgba[i] = i % 4 == 3 ? 255 : (guint8)(i * 37);
  image = cnn_image_new (4, 4, rgba);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint invert = 0; invert < 2; invert++) {
      CnnPreprocess preprocess;
      g_autoptr (CnnImage) back = NULL;
      float numbers[3 * 16];

      cnn_preprocess_init (&preprocess, kinds[i]);
      preprocess.invert = invert;
      cnn_preprocess_apply (&preprocess, image, 3, 4, 4, NULL, numbers);
      back = cnn_preprocess_to_image (&preprocess, numbers, 3, 4, 4);
      g_assert_cmpmem (cnn_image_get_data (back), sizeof rgba, rgba, sizeof rgba);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preprocess/presets", test_presets);
  g_test_add_func ("/preprocess/text", test_text);
  g_test_add_func ("/preprocess/range", test_range);
  g_test_add_func ("/preprocess/fit", test_fit);
  g_test_add_func ("/preprocess/channels", test_channels);
  g_test_add_func ("/preprocess/center", test_center);
  g_test_add_func ("/preprocess/elongated", test_elongated);
  g_test_add_func ("/preprocess/inverse", test_inverse);
  return g_test_run ();
}
