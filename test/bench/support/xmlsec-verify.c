/*
 * xmlsec-verify KEY.pem: reads lines "COUNT FILE" and answers with the processor seconds of COUNT verifications by libxmlsec1, in
 * process: parse, find the Signature, verify, free. The key is loaded once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static char *content;
static long length;

static int load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return 0;
  fseek(file, 0, SEEK_END);
  length = ftell(file);
  rewind(file);
  content = malloc(length);
  int whole = content != NULL && fread(content, 1, length, file) == (size_t)length;
  fclose(file);
  return whole;
}

static int verify_once(xmlSecKeyPtr key) {
  xmlDocPtr document = xmlReadMemory(content, (int)length, "document.xml", NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
  if (document == NULL) return 0;
  xmlNodePtr signature = xmlSecFindNode(xmlDocGetRootElement(document), xmlSecNodeSignature, xmlSecDSigNs);
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  context->signKey = xmlSecKeyDuplicate(key);
  int valid = signature != NULL && xmlSecDSigCtxVerify(context, signature) == 0 &&
              context->status == xmlSecDSigStatusSucceeded;
  xmlSecDSigCtxDestroy(context);
  xmlFreeDoc(document);
  return valid;
}

static double processor_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  xmlInitParser();
  if (argc != 2 || xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 2;
  xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad(argv[1], xmlSecKeyDataFormatPem, NULL, NULL, NULL);
  if (key == NULL) return 2;
  printf("libxmlsec1 %s, libxml2 %s\n", XMLSEC_VERSION, LIBXML_DOTTED_VERSION);
  fflush(stdout);
  long count;
  char path[4096];
  while (scanf("%ld %4095[^\n]", &count, path) == 2) {
    if (!load(path)) return 2;
    double begin = processor_seconds();
    for (long n = 0; n < count; n++)
      if (!verify_once(key)) return 1;
    printf("%.9f\n", processor_seconds() - begin);
    fflush(stdout);
    free(content);
  }
  return 0;
}
