#include <stdio.h>
void math_(float *, double *, float *, double *, int *);
int main(void) {
    float x[4] = {1.1f, 2.7f, 3.3f, 0.7f}, r[12] = {0};
    double d[4] = {1.1, 2.7, 3.3, 0.7}, e[12] = {0};
    int k[12] = {3};
    math_(x, d, r, e, k);
    for (int i = 0; i < 11; ++i) printf("%.9g ", r[i] == r[i] ? r[i] : -1);
    for (int i = 0; i < 10; ++i) printf("%.17g ", e[i] == e[i] ? e[i] : -1);
    for (int i = 1; i < 7; ++i) printf("%d ", k[i]);
    printf("\n");
    return 0;
}
