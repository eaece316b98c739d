! What becomes of arrays whose ALLOCATE or DEALLOCATE fails.
program t
  real, allocatable :: a(:), b(:), c(:,:)
  character(len=3), allocatable :: s(:)
  integer status, n
  integer*8 wide
  integer*2 short
  n = 3
  allocate (a(n), b(-2:4), stat=status)
  print *, status, size(a), lbound(b, 1), ubound(b, 1)
  status = -1
  allocate (c(2, 2), a(9), b(9), stat=status)
  print *, status, allocated(c), size(a), lbound(b, 1), size(b), size(c)
  if (n == 3) allocate (s(n), b(n), stat=status)
  s(3) = 'abcd'
  print *, status, size(s), size(b), s(3)(2:)
  wide = -1
  deallocate (a, stat=wide)
  print *, wide
  short = -1
  deallocate (a, b, stat=short)
  print *, short /= 0, allocated(b), allocated(a)
  wide = -1
  allocate (a(0), stat=wide)
  print *, wide, allocated(a), size(a)
  if (allocated(a)) deallocate (a)
  print *, allocated(a)
  deallocate (c, s)
  n = 1000000
  status = 0
  allocate (c(n, n * 10), stat=status)
  print *, status /= 0, allocated(c)
  call ends(4)
  call empty(2, 2_8**45)
  call automatic(4)
  call saving(2)
  call saving(5)
contains
  subroutine empty(n, w)
    integer n, st
    integer(8) w
    real, allocatable :: a(:), b(:,:)
    real v(-n), x(n:1)
    allocate (a(5:n))
    print *, size(a), lbound(a, 1), ubound(a, 1)
    allocate (b(-n, n), stat=st)
    print *, st, size(b), size(b, 1), ubound(b, 1), ubound(b, 2)
    deallocate (b)
    allocate (b(w, w), stat=st)
    print *, st /= 0, allocated(b)
    allocate (b(n:3, w-w+2), stat=st)
    print *, st, size(b), lbound(b, 1), ubound(b, 2)
    print *, size(v), size(x)
  end subroutine
  subroutine ends(m)
    integer m, i, j, st
    real, allocatable :: a(:)
    real v(3)
    do 30 i = 1, m
      if (i == 2) goto 30
      if (allocated(a)) deallocate (a)
30  allocate (a(m + i), stat=st)
    print *, st, size(a)
    deallocate (a)
    do 10 i = 1, m
10  if (i == 3) allocate (a(i), stat=st)
    print *, st, size(a)
    v = 1
    do 20 i = 1, 2
    do 20 j = 1, 3
20  v = v + j
    print *, v
  end subroutine
  subroutine automatic(n)
    integer n
    character(len=5) w(n)
    w(n) = 'hello world'
    print *, w(n), size(w)
  end subroutine
  subroutine saving(n)
    save
    integer n, calls
    real w(n)
    data calls /0/
    w(n) = n
    calls = calls + 1
    print *, calls, w(n)
  end subroutine
end program
