#include <stdio.h>
void wide_(long long *, double *, long long *);
long long mixed_(long long *);
int main(void) {
    long long n = 1, l = 0;
    double x = 1;
    long long k = 41;
    wide_(&n, &x, &l);
    printf("%lld %.17g %d %lld\n", n, x, l != 0, mixed_(&k));
    return 0;
}
