#include <stdio.h>
#include <string.h>
void fill_it_(int *, double *, char *, float *, int *, size_t);
float rsum_(int *, float *);
double dhalf_(double *);
int odd_(int *);
void upper_(char *, size_t, char *, size_t);
long long big_(long long *);
void cplx_(double *, float *);
int main(void) {
    int n = 3, flag = 0;
    double a[6] = {1, 2, 3}, d = 5, z[2] = {1, 2};
    char title[9] = "________", up[5] = "xxxx";
    float x = 10, v[3] = {1.5f, 2, 3}, c[2] = {-3, 4};
    long long k = 10000000000LL;
    fill_it_(&n, a, title, &x, &flag, 8);
    printf("%g %g %g [%s] %.9g %d\n", a[3], a[4], a[5], title, x, flag != 0);
    printf("%g %g %d\n", rsum_(&n, v), dhalf_(&d), odd_(&n) != 0);
    upper_(up, 4, "abcdef", 6);
    printf("[%s] %lld\n", up, big_(&k));
    cplx_(z, c);
    printf("%.15g %.15g %.7g %.7g\n", z[0], z[1], c[0], c[1]);
    return 0;
}
