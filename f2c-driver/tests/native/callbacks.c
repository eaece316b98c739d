#include <stdio.h>
#include <string.h>
void apply_(double (*)(double *, int *), void (*)(double *, int *, char *, size_t), double *, int *);
int where_to_(int *), ways_(int *);
void first_(float *, float *);
void second_one_(float *);
float area_(float *), edge_(float *);
static double f(double *x, int *i) { return *x * *i; }
static void g(double *x, int *n, char *s, size_t len) {
    printf("%g %g %d %.*s\n", x[0], x[1], *n, (int)len, s);
}
int main(void) {
    double x[2] = {2, 3};
    int two = 2;
    apply_(f, g, x, &two);
    printf("%g\n", x[0]);
    for (int n = 0; n < 3; ++n) {
        int k = n, l = 2 * n;
        printf("%d %d\n", where_to_(&k), ways_(&l));
    }
    float a = 1, b = 2, r = 2;
    first_(&a, &b);
    second_one_(&b);
    printf("%g %g %g %g\n", a, b, area_(&r), edge_(&r));
    return 0;
}
