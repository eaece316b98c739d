program q
  implicit none
  integer, parameter :: dp = selected_real_kind(15, 307)
  type_loop: do while (.true.)
    exit type_loop
  end do type_loop
  call sub(3)
contains
  subroutine sub(n)
    integer, intent(in) :: n
    real(dp) :: w(n), m(2,2) = reshape((/1,2,3,4/), (/2,2/))
    complex(dp), allocatable, save :: z(:)
    integer(kind=8) :: big
    logical, dimension(3) :: l = .false.
    w = 1.0_dp
    allocate(z(0:n))
    z(:) = (1.0_dp, 2.0_dp)
    big = 2_8**40
    print '(a,3f8.3,i20)', 'w', w(1:n), big
    if (any(w > 2) .or. count(w > 0.5_dp) /= 3) stop 1
    print *, size(w), ubound(z, 1), real(z(n)), aimag(z(0)), m(2,1), l(1)
    print *, sum(w), dot_product(w, w), maxval(w), minloc(w, 1)
    deallocate(z)
  end subroutine sub
end program q
