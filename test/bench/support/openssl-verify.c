/* d2i_X509 + X509_verify_cert of a leaf under one trusted CA, as often as asked; prints seconds.
   usage: openssl-verify LEAF.der CA.der EPOCH_SECONDS COUNT */
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static unsigned char *slurp(const char *path, long *length) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  fseek(file, 0, SEEK_END);
  *length = ftell(file);
  rewind(file);
  unsigned char *octets = malloc(*length);
  if (fread(octets, 1, *length, file) != (size_t)*length) exit(2);
  fclose(file);
  return octets;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  long leaf_length, ca_length;
  const unsigned char *leaf_der = slurp(argv[1], &leaf_length);
  const unsigned char *ca_der = slurp(argv[2], &ca_length);
  time_t at = (time_t)atoll(argv[3]);
  long count = atol(argv[4]);
  const unsigned char *cursor = ca_der;
  X509 *ca = d2i_X509(NULL, &cursor, ca_length);
  X509_STORE *store = X509_STORE_new();
  X509_STORE_add_cert(store, ca);
  struct timespec begin, end;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
  for (long n = 0; n < count; n++) {
    cursor = leaf_der;
    X509 *leaf = d2i_X509(NULL, &cursor, leaf_length);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf, NULL);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(param, at);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_POLICY_CHECK);
    if (X509_verify_cert(context) != 1) {
      fprintf(stderr, "%s\n", X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
      return 1;
    }
    X509_STORE_CTX_free(context);
    X509_free(leaf);
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  printf("%.9f\n", (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9);
  return 0;
}
